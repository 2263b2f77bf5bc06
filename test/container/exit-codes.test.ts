// How a container ends when its essential program does: its exit code is the program's.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import { configWith } from '../support/container-processes.ts';
import { withContainer } from '../support/container.ts';
import { docker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';

describeWith(['docker'], 'the exit code of a container', function () {
  this.timeout(120_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  it('is that of its essential program, or 128 and the signal that killed it, also under --init', async () => {
    const ends: readonly (readonly [how: string, code: number, ...flags: string[]])[] = [
      ['exit 0', 0],
      ['exit 1', 1],
      ['exit 77', 77, '--init'],
      ['exit 255', 255],
      ['kill -9 $$', 137],
      ['kill -15 $$', 143, '--init'],
    ];
    const config = configWith(`[program:main]
command=/bin/sh -c '%(ENV_HOW)s'
startsecs=0
autorestart=false
essential=true
[program:other]
command=sleep 1000`);
    for (const [how, code, ...flags] of ends) {
      await withContainer({ flags: [...flags, '--env', `HOW=${how}`], config }, async (container) => {
        expect(Number(await docker('wait', container.id)), how).to.equal(code);
      });
    }
  });
});

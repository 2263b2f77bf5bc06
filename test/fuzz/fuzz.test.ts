// A short run of everything that is fuzzed, in every build, with a seed of its own each time; the full one is `npm run fuzz`.
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { runFuzz } from './run-fuzz.ts';
import { target } from './target.ts';
import { targets } from './targets.ts';
import { anyText } from './mutate.ts';

const lines: string[] = [];
const print = (line: string): void => void lines.push(line);

describeWith(['supervisord', 'koffi'], 'inputs that nobody should send', function () {
  this.timeout(240_000);

  it('end in a result or a named error, quickly, and leave nothing behind', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const report = await runFuzz({ targets, seed, inputs: 40_000, thorough: false, print });
    expect(report.findings, `npm run fuzz -- --seed ${seed} --inputs 40000\n${lines.join('\n')}`).to.deep.equal([]);
    expect(report.inputs).to.be.at.least(40_000);
  });

  it('are found out when one crashes, hangs, takes the square of its length, or is kept', async () => {
    const kept: Buffer[] = [];
    const common = { weight: 1, arbitrary: anyText };
    const bad = [
      target({ ...common, name: 'crashes', run: (text) => void (text.includes('a') && JSON.parse('{')) }),
      target({
        ...common,
        name: 'hangs',
        corpus: ['a long time'],
        run: (text) => void (text === 'a long time' && spin(300)),
      }),
      target({
        ...common,
        name: 'takes its square',
        run: (text) => void /b+$/.test(text),
        stretch: { letters: (length) => `${'b'.repeat(length)}c` },
      }),
      target({ ...common, name: 'keeps', run: () => void kept.push(Buffer.alloc(50_000)) }),
    ];
    for (const one of bad) {
      const { findings } = await runFuzz({ targets: [one], seed: 1, inputs: 600, thorough: false, print });
      expect(findings, one.name).not.to.deep.equal([]);
    }
  });

  it('are the same again with the same seed', async () => {
    const seen: string[] = [];
    const one = target({ name: 'x', weight: 1, arbitrary: anyText, run: (text) => void seen.push(text) });
    await runFuzz({ targets: [one], seed: 7, inputs: 100, thorough: false, print });
    await runFuzz({ targets: [one], seed: 7, inputs: 100, thorough: false, print });
    expect(seen.slice(0, 100)).to.deep.equal(seen.slice(100));
  });
});

function spin(ms: number): void {
  const end = process.cpuUsage().user + ms * 1000;
  while (process.cpuUsage().user < end);
}

// `docker stop` under load: two containers of the image behind a balancer that obeys /readyz, one of them stopped and started
// anew, then the other. The image's own configuration, with the application of the serving suite, predrain, and for the
// embedded proxy that in nginx's place.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { predrain, type Standing, stopInTurn } from '../serving/stop-in-turn.ts';
import type { Front } from '../serving/system.ts';
import { buildImage } from '../support/container-image.ts';
import { startContainer } from '../support/container.ts';
import { describeWith } from '../support/requirements.ts';
import { paths } from '../support/serving.ts';

describeWith(['docker'], 'docker stop behind a balancer that obeys /readyz', function () {
  this.timeout(300_000);

  before(async function () {
    this.timeout(900_000);
    await buildImage();
  });

  for (const [front, name] of [
    ['nginx', 'nginx'],
    ['proxy', 'the embedded proxy'],
  ] as const) {
    it(`loses no request of 64 connections, with ${name} in the container`, async () => {
      const { problems, notes } = await stopInTurn(async () => await standing(front), 4);
      expect(problems, `${problems.join('\n')}\n${notes.join('\n')}`).to.deep.equal([]);
    });
  }
});

async function standing(front: Front): Promise<Standing> {
  const application = `${resolve(paths.root, 'test/fixtures/serving')}:/app/service/suite:ro`;
  const container = await startContainer({
    config: configFor(front),
    flags: ['--env', 'COREVISOR_CPUS=2', '--volume', application],
  });
  const [web, daemon] = [await container.address(80), await container.address(9001)];
  return {
    backend: { port: web.port, isReady: async () => await saysReady(daemon.port) },
    stop: async () => (await container.stop()).exitCode,
    discard: async () => await container.remove(),
    log: async () =>
      (await container.log())
        .split('\n')
        .filter((line) => !line.startsWith('{'))
        .slice(-50)
        .join('\n'),
    // Nobody in front of the workers sends a POST twice here that does not where the workers note them: test/serving.
    doubledPosts: () => [],
  };
}

/** The image's file with this in it. */
function configFor(front: Front): string {
  const image = readFileSync(resolve(paths.root, 'conf/supervisord.conf'), 'utf8');
  const text = image
    .replace('command=node server.js', 'command=node suite/worker.mjs')
    .replace('nodaemon=true', `nodaemon=true\npredrain=${predrain}`);
  expect(text).to.include('suite/worker.mjs').and.include('predrain');
  const server = '[inet_http_server]\nport=0.0.0.0:9001\n';
  if (front === 'nginx') return text + server;
  const [before = '', after = ''] = [text.split('; QUIT finishes')[0], text.split('[upstream:web]')[1]];
  const upstream = after.replace(/^(file|reload)=.*\n/gm, '');
  return `${before}[upstream:web]${upstream}\n[proxy:web]\nlisten=0.0.0.0:80\nupstream=web\n${server}`;
}

function saysReady(port: number): Promise<boolean> {
  return new Promise((done) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: 2000 }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(false));
  });
}

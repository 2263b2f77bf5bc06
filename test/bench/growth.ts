// What a daemon holds after much output and many restarts, beside what it held after half of both: what is loaded and compiled
// at the first use is not growth.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { callRpc } from '../support/rpc.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Experiment, Turn } from './experiment.ts';
import { memoryOf } from './proc.ts';
import { socketIn } from './supervisors.ts';

const crashers = 4;
const chunk = 65_536;

export const growth: Experiment = {
  figures: [
    {
      name: 'growth-before',
      family: 'growth',
      what: 'anonymous memory after half of the output and of the restarts',
      unit: 'MiB',
    },
    { name: 'growth', family: 'growth', what: '… what came to it by as much again', unit: 'MiB' },
  ],
  contenders: ['ours', 'supervisord'],
  rounds: 1,
  inMemory: true,
  async measure(turn) {
    const { scene, scale } = turn;
    const bytes = Math.ceil(scale.growth.bytes / 2 / chunk) * chunk;
    const once = 'autostart=false\nstartsecs=0\n';
    const writers = ['writer0', 'writer1'].map((name) => {
      return `[program:${name}]\ncommand=${scene.tool} write ${chunk} ${bytes} 0\nautorestart=false\n${once}`;
    });
    const options = `${once}autorestart=true\nstartretries=1000000`;
    const running = await scene.start({ count: crashers, words: ['end'], options, sections: writers.join('') });
    await waitUntil(() => existsSync(socketIn(scene.folder)), { what: 'the socket', deadlineMs: 60_000 });
    await delay(scale.calmMs);
    await work(turn, 'writer0');
    await delay(scale.settleMs);
    const before = memoryOf([running.pid]).anonymousMib;
    await work(turn, 'writer1');
    await delay(scale.settleMs);
    return { 'growth-before': before, growth: memoryOf([running.pid]).anonymousMib - before };
  },
};

async function work({ scene, scale }: Turn, writer: string): Promise<void> {
  const address = { socketPath: socketIn(scene.folder) };
  const skip = scene.records.of('s').length;
  const written = scene.records.of('e').length;
  const deadlineMs = 3_600_000;
  const call = async (method: string, name: string): Promise<void> => {
    await callRpc(address, { method: `supervisor.${method}`, params: [name] });
  };
  await call('startProcessGroup', 'child');
  await scene.records.take('s', { count: Math.ceil(scale.growth.restarts / 2), skip, deadlineMs });
  await call('stopProcessGroup', 'child');
  await call('startProcess', writer);
  await scene.records.take('e', { count: 1, skip: written, deadlineMs });
}

// What a daemon holds at rest after much output and many restarts, in four quarters. An interpreter keeps more or less of what it
// has freed as it likes, so the last quarter is held against the most of the others.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { callRpc } from '../support/rpc.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { Experiment, Turn } from './experiment.ts';
import { memoryOf } from './proc.ts';
import { socketIn } from './supervisors.ts';

const quarters = 4;
const crashers = 4;
const chunk = 65_536;

export const growth: Experiment = {
  figures: [
    {
      name: 'growth-before',
      family: 'growth',
      what: 'output and restarts: anonymous memory at rest, the most of three quarters',
      unit: 'MiB',
    },
    { name: 'growth', family: 'growth', what: '… what the fourth added', unit: 'MiB' },
  ],
  contenders: ['ours', 'supervisord'],
  rounds: 1,
  inMemory: true,
  async measure(turn) {
    const { scene, scale } = turn;
    const bytes = Math.ceil(scale.growth.bytes / quarters / chunk) * chunk;
    const once = 'autostart=false\nstartsecs=0\n';
    const writer = `[program:writer]\ncommand=${scene.tool} write ${chunk} ${bytes} 0\nautorestart=false\n${once}`;
    const options = `${once}autorestart=true\nstartretries=1000000`;
    const running = await scene.start({ count: crashers, words: ['end'], options, sections: writer });
    await waitUntil(() => existsSync(socketIn(scene.folder)), { what: 'the socket', deadlineMs: 60_000 });
    await delay(scale.calmMs);
    const held: number[] = [];
    for (let quarter = 0; quarter < quarters; quarter += 1) {
      await work(turn);
      await delay(scale.settleMs);
      held.push(memoryOf([running.pid]).anonymousMib);
    }
    const most = Math.max(...held.slice(0, -1));
    return { 'growth-before': most, growth: (held.at(-1) ?? Number.NaN) - most };
  },
};

async function work({ scene, scale }: Turn): Promise<void> {
  const address = { socketPath: socketIn(scene.folder) };
  const skip = scene.records.of('s').length;
  const written = scene.records.of('e').length;
  const deadlineMs = 3_600_000;
  const call = async (method: string, name: string): Promise<void> => {
    await callRpc(address, { method: `supervisor.${method}`, params: [name] });
  };
  await call('startProcessGroup', 'child');
  await scene.records.take('s', { count: Math.ceil(scale.growth.restarts / quarters), skip, deadlineMs });
  await call('stopProcessGroup', 'child');
  await call('startProcess', 'writer');
  await scene.records.take('e', { count: 1, skip: written, deadlineMs });
}

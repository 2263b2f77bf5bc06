// From kill -9 of a child to the first instruction of its replacement.
import { setTimeout as delay } from 'node:timers/promises';
import { contenders } from './contenders.ts';
import type { Experiment } from './experiment.ts';
import { nowMs } from './records.ts';
import { percentile } from './statistics.ts';

/**
 * Killed in turn: s6, runit and pm2 wait a second before they start again what has not lived for one, so each child is left
 * alone for that long.
 */
const children = 30;
const aloneMs = 1100;

export const restart: Experiment = {
  figures: [
    {
      name: 'restart-p50',
      family: 'restart',
      what: '`kill -9` of a child → first instruction of its replacement, p50',
      unit: 'ms',
    },
    { name: 'restart-p99', family: 'restart', what: '… p99 (supervisord and s6: the worst)', unit: 'ms' },
  ],
  contenders,
  rounds: 3,
  async measure({ contender, scene, scale }) {
    const count = scale.programs(children);
    const kills = contender === 'supervisord' || contender === 's6' ? scale.kills.slow : scale.kills.fast;
    await scene.start({ count, words: ['stay'], options: 'startsecs=0\nautorestart=true' });
    const alive = (await scene.records.take('s', { count })).map(({ pid, atMs }) => ({ pid, atMs }));
    const latencies: number[] = [];
    for (let number = 0; number < kills; number += 1) {
      const victim = alive.shift();
      if (victim === undefined) break;
      await delay(Math.max(5 + Math.random() * 20, victim.atMs + aloneMs - nowMs()));
      const killedMs = nowMs();
      process.kill(victim.pid, 'SIGKILL');
      const [next] = await scene.records.take('s', { count: 1, skip: count + number });
      if (next === undefined) break;
      latencies.push(next.atMs - killedMs);
      alive.push(next);
    }
    return { 'restart-p50': percentile(latencies, 0.5), 'restart-p99': percentile(latencies, 0.99) };
  },
};

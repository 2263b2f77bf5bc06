// A hundred programs that end as soon as they start: how many are started again, and what somebody who asks meanwhile waits.
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../support/rpc.ts';
import { parsePrometheus } from '../support/prometheus-text.ts';
import type { Experiment } from './experiment.ts';
import { nowMs } from './records.ts';
import { KeptConnection, requestOf } from './rpc-client.ts';
import { percentile } from './statistics.ts';
import { socketIn } from './supervisors.ts';

const programs = 100;
const what = `${programs} programs that exit at once`;

export const storm: Experiment = {
  figures: [
    { name: 'storm-status', family: 'storm', what: `${what}: getAllProcessInfo meanwhile, p50`, unit: 'ms' },
    { name: 'storm-worst', family: 'storm', what: '… the worst', unit: 'ms' },
    { name: 'storm-restarts', family: 'storm', what: '… starts', unit: '1/s' },
    { name: 'storm-loop', family: 'storm', what: '… delay of the event loop, p99 at most', unit: 'ms' },
  ],
  contenders: ['ours', 'supervisord'],
  rounds: 3,
  async measure({ contender, scene, scale }) {
    const count = scale.programs(programs);
    const options = 'startsecs=0\nautorestart=true\nstartretries=1000000';
    await scene.start({ count, words: ['end'], options });
    await scene.records.take('s', { count: 3 * count });
    const socket = socketIn(scene.folder);
    const connection = await KeptConnection.open(socket);
    const request = requestOf('supervisor.getAllProcessInfo');
    // The first answer of all loads what answers need.
    await connection.ask(request);
    const before = contender === 'ours' ? await delaysOf(socket) : null;
    const [startMs, started] = [nowMs(), scene.records.of('s').length];
    const latencies: number[] = [];
    while (nowMs() < startMs + scale.loadMs) {
      const asked = nowMs();
      await connection.ask(request);
      latencies.push(nowMs() - asked);
      await delay(20);
    }
    const restarts = scene.records.of('s').length - started;
    const seconds = (nowMs() - startMs) / 1000;
    connection.close();
    const figures = {
      'storm-status': percentile(latencies, 0.5),
      'storm-worst': Math.max(...latencies),
      'storm-restarts': restarts / seconds,
    };
    return before === null ? figures : { ...figures, 'storm-loop': p99Of(before, await delaysOf(socket)) };
  },
};

/** How many looks found the loop at most so late, by the seconds of each bucket. */
type Delays = ReadonlyMap<number, number>;

async function delaysOf(socketPath: string): Promise<Delays> {
  const { body } = await ask({ socketPath }, { path: '/metrics' });
  const samples = parsePrometheus(body.toString()).get('corevisor_daemon_event_loop_delay_seconds')?.samples ?? [];
  const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
  return new Map(buckets.map(({ labels, value }) => [Number((labels['le'] ?? '').replace('+Inf', 'Infinity')), value]));
}

/** The upper bound of the bucket in which it lies, in milliseconds: the true one is less. */
function p99Of(before: Delays, after: Delays): number {
  const all = (after.get(Infinity) ?? 0) - (before.get(Infinity) ?? 0);
  const enough = [...after].filter(([le, count]) => count - (before.get(le) ?? 0) >= 0.99 * all);
  return 1000 * Math.min(...enough.map(([le]) => le));
}

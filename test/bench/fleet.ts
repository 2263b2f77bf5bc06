// Many programs at once: their start, what the supervisor holds and does while nobody asks, its answers, and its end.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../support/proc.ts';
import { waitUntil } from '../support/wait-until.ts';
import { contenders, type Contender } from './contenders.ts';
import type { Experiment, Figure, Measured, Turn } from './experiment.ts';
import { cpuMsOf, memoryOf, wakeUpsOf } from './proc.ts';
import { nowMs } from './records.ts';
import { KeptConnection, rateOf, requestOf, timeCalls } from './rpc-client.ts';
import type { Running } from './scene.ts';
import { percentile } from './statistics.ts';
import { socketIn, supervisors } from './supervisors.ts';
import { programPath } from './tool.ts';

const clients = 8;
const call = 'supervisor.getAllProcessInfo';

type Step = 'start' | 'memory' | 'idle' | 'rpc' | 'clients' | 'stop';

/** The experiments: a number of programs, and what is looked at with so many. */
export const fleets: readonly Experiment[] = [
  fleetOf(1, { steps: ['memory'], rounds: 2 }),
  fleetOf(10, { steps: ['stop', 'rpc', 'clients'], rounds: 5 }),
  fleetOf(100, { steps: ['stop', 'rpc', 'clients'], rounds: 5 }),
  fleetOf(1000, { steps: ['start', 'stop', 'rpc'], rounds: 3 }),
  fleetOf(100, { steps: ['memory'], rounds: 2 }),
  fleetOf(1000, { steps: ['memory', 'idle'], rounds: 2 }),
];

function figuresOf(step: Step, count: number): Figure[] {
  const programs = count === 1 ? '1 program' : `${count.toLocaleString('en')} programs`;
  switch (step) {
    case 'start':
      return [
        {
          name: `start-${count}`,
          family: 'start',
          what: `exec of the daemon → first instruction of all of ${programs}`,
          unit: 'ms',
        },
      ];
    case 'memory':
      return [
        { name: `memory-${count}`, family: 'memory', what: `private memory, ${programs}`, unit: 'MiB' },
        { name: `rss-${count}`, family: 'memory', what: `resident memory, ${programs}`, unit: 'MiB' },
        { name: `pss-${count}`, family: 'memory', what: `PSS beside a Node worker, ${programs}`, unit: 'MiB' },
      ];
    case 'idle':
      return [
        { name: `idle-wakeups-${count}`, family: 'idle', what: `idle, ${programs}: wake-ups`, unit: '1/s' },
        { name: `idle-cpu-${count}`, family: 'idle', what: `idle, ${programs}: CPU`, unit: 'ms/s' },
      ];
    case 'rpc':
      return [{ name: `rpc-${count}`, family: 'rpc', what: `getAllProcessInfo, ${programs}, p50`, unit: 'ms' }];
    case 'clients':
      return [{ name: `clients-${count}`, family: 'rpc', what: `… ${clients} clients, ${programs}`, unit: '1/s' }];
    case 'stop':
      return [{ name: `stop-${count}`, family: 'stop', what: `stop of ${programs}: TERM → all gone`, unit: 'ms' }];
  }
}

function fleetOf(named: number, { steps, rounds }: { steps: readonly Step[]; rounds: number }): Experiment {
  return {
    figures: steps.flatMap((step) => figuresOf(step, named)),
    contenders,
    rounds,
    async measure(turn) {
      const wanted = steps.filter((step) => figuresOf(step, named).some(({ name }) => turn.wants(name)));
      const asks = wanted.some(isCall);
      if (isLimit(turn.contender)) {
        const lives = wanted.some((step) => !isCall(step)) ? await live(turn, { named, wanted }) : {};
        return { ...lives, ...(asks ? await playServer(turn, { named, wanted }) : {}) };
      }
      return hasRpc(turn.contender) || wanted.some((step) => !isCall(step)) ? await live(turn, { named, wanted }) : {};
    },
  };
}

interface Plan {
  readonly named: number;
  readonly wanted: readonly Step[];
}

function isCall(step: Step): boolean {
  return step === 'rpc' || step === 'clients';
}

function isLimit(contender: Contender): boolean {
  return contender === 'node' || contender === 'kernel';
}

function hasRpc(contender: Contender): boolean {
  return contender === 'ours' || contender === 'supervisord';
}

/** A fleet's whole life, with the steps that are wanted. Memory comes before calls, which leave something behind. */
async function live(turn: Turn, { named, wanted }: Plan): Promise<Measured> {
  const { contender, scene, scale } = turn;
  const count = scale.programs(named);
  // pm2 forks for each, which at a thousand is a matter of its own.
  if (contender === 'pm2' && count > 100) return {};
  const running = await scene.start({ count, words: ['stay'] });
  const children = await scene.records.take('s', { count });
  const figures: Record<string, number> = {
    [`start-${named}`]: Math.max(...children.map(({ atMs }) => atMs)) - running.executedMs,
  };
  // Until they count as running: startsecs is 1.
  await delay(scale.calmMs);
  if (wanted.includes('memory') || wanted.includes('idle')) {
    scene.spawn([process.execPath, '-e', 'setInterval(() => {}, 1e9)']);
    await delay(scale.settleMs);
    const memory = memoryOf(running.own());
    figures[`memory-${named}`] = memory.privateMib;
    figures[`rss-${named}`] = memory.residentMib;
    figures[`pss-${named}`] = memory.proportionalMib;
  }
  if (wanted.includes('idle')) {
    const own = running.own();
    const before = { cpuMs: cpuMsOf(own), wakeUps: wakeUpsOf(own), atMs: nowMs() };
    await delay(scale.idleMs);
    const seconds = (nowMs() - before.atMs) / 1000;
    figures[`idle-wakeups-${named}`] = (wakeUpsOf(own) - before.wakeUps) / seconds;
    figures[`idle-cpu-${named}`] = (cpuMsOf(own) - before.cpuMs) / seconds;
  }
  if (hasRpc(contender)) Object.assign(figures, await ask(socketIn(scene.folder), turn, { named, wanted }));
  if (wanted.includes('stop'))
    figures[`stop-${named}`] = await timeOfStop(turn, { running, pids: children.map(({ pid }) => pid) });
  return figures;
}

async function ask(socket: string, { scale }: Turn, { named, wanted }: Plan): Promise<Measured> {
  const figures: Record<string, number> = {};
  const order = { request: requestOf(call), forMs: scale.loadMs / 2 };
  if (wanted.includes('rpc')) {
    const connection = await KeptConnection.open(socket);
    figures[`rpc-${named}`] = percentile(await timeCalls(connection, order), 0.5);
    connection.close();
  }
  if (wanted.includes('clients')) figures[`clients-${named}`] = await rateOf(socket, { ...order, clients });
  return figures;
}

/** Until the supervisor has ended and none of its children lives; runit's runsvdir does not wait for them. */
async function timeOfStop(
  { contender, scale }: Turn,
  { running, pids }: { running: Running; pids: readonly number[] },
): Promise<number> {
  // Who looks around once a second is met at any time of it.
  await delay(scale.calmMs * Math.random());
  const before = nowMs();
  process.kill(running.pid, supervisors[contender].stopSignal);
  const endedMs = await running.ended;
  if (!pids.some(isAlive)) return endedMs - before;
  await waitUntil(() => !pids.some(isAlive), { what: 'the end of all children', deadlineMs: 60_000, everyMs: 1 });
  return nowMs() - before;
}

/** The limit of a call: a server that does nothing but send the bytes that ours answers. */
async function playServer(turn: Turn, plan: Plan): Promise<Measured> {
  const { contender, scene, scale } = turn;
  const count = scale.programs(plan.named);
  const skip = scene.records.of('s').length;
  const ours = await scene.start({ count, words: ['stay'] }, { contender: 'ours' });
  await scene.records.take('s', { count, skip });
  await delay(scale.calmMs);
  const connection = await KeptConnection.open(socketIn(scene.folder));
  const answer = await connection.ask(requestOf(call));
  connection.close();
  process.kill(ours.pid, 'SIGTERM');
  await ours.ended;
  const file = join(scene.folder, 'answer');
  const socket = join(scene.folder, 'limit.sock');
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  writeFileSync(file, contender === 'node' ? body : answer);
  scene.spawn(
    contender === 'node'
      ? [process.execPath, programPath('least-server.cjs'), socket, file]
      : [scene.tool, 'serve', socket, file],
  );
  await waitUntil(() => existsSync(socket), { what: 'the bare server to listen' });
  return await ask(socket, turn, plan);
}

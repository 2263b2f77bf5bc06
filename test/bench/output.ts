// What children write, on its way to where it belongs: how fast, and what it costs the supervisor.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import type { Experiment, Measured, Turn } from './experiment.ts';
import { cpuMsOf } from './proc.ts';
import { nowMs } from './records.ts';
import type { Scale } from './scale.ts';
import type { Running } from './scene.ts';
import { programPath } from './tool.ts';

const rotateAt = 50 * 2 ** 20;

interface Stream {
  readonly family: string;
  readonly what: string;
  /** Bytes of one write. */
  readonly size: number;
  /** How much of it; `through` goes to the container's stdout, the others to a file that rotates. */
  readonly volume: keyof Scale['bytes'];
  readonly contenders: readonly Contender[];
}

const streams: readonly Stream[] = [
  {
    family: 'rotated-large',
    what: 'output to a rotated file, writes of 64 KiB',
    size: 65_536,
    volume: 'large',
    contenders: ['ours', 'supervisord', 'node', 'kernel'],
  },
  {
    family: 'rotated-small',
    what: 'output to a rotated file, writes of 100 bytes',
    size: 100,
    volume: 'small',
    contenders: ['ours', 'supervisord', 'node', 'kernel'],
  },
  {
    family: 'passthrough',
    what: "output to the container's stdout",
    size: 65_536,
    volume: 'through',
    contenders: ['ours', 'supervisord', 'kernel'],
  },
];

export const outputs: readonly Experiment[] = streams.map((stream) => ({
  figures: [
    { name: `${stream.family}-speed`, family: stream.family, what: stream.what, unit: 'MB/s' },
    { name: `${stream.family}-cpu`, family: stream.family, what: '… CPU of the supervisor', unit: 's/GiB' },
  ],
  contenders: stream.contenders,
  rounds: 5,
  inMemory: true,
  measure: async (turn) => await moveOutput(turn, stream),
}));

export const chatty: Experiment = {
  figures: [
    { name: 'chatty', family: 'chatty', what: '50 programs × 200 lines a second to files: CPU', unit: '% of a core' },
  ],
  contenders: ['ours', 'supervisord', 'node'],
  rounds: 2,
  inMemory: true,
  async measure({ contender, scene, scale }) {
    const count = scale.programs(50);
    const seconds = Math.ceil((2 * scale.loadMs) / 1000);
    const words = ['chat', '200', String(seconds)];
    const running =
      contender === 'node'
        ? await scene.launch([...leastMover(scene.folder, 0), String(count), scene.tool, ...words])
        : await scene.start({ count, words, options: 'autorestart=false' });
    await scene.records.take('s', { count });
    await delay(Math.min(scale.loadMs / 2, 2000));
    const before = { cpuMs: cpuMsOf([running.pid]), atMs: nowMs() };
    await scene.records.take('e', { count: 1 });
    return { chatty: (100 * (cpuMsOf([running.pid]) - before.cpuMs)) / (nowMs() - before.atMs) };
  },
};

async function moveOutput(turn: Turn, stream: Stream): Promise<Measured> {
  const { scene, scale } = turn;
  const words = ['write', String(stream.size), String(scale.bytes[stream.volume]), String(scale.calmMs)];
  const running = await startMover(turn, { stream, words });
  const [first] = await scene.records.take('s', { count: 1 });
  const cpuMs = cpuMsOf([running.pid]);
  const [last] = await scene.records.take('e', { count: 1 });
  if (first === undefined || last === undefined) return {};
  // What was still in the pipe.
  await delay(200);
  // The limit of passing through is the writer itself, and needs nobody.
  const usedMs = stream.volume === 'through' && turn.contender === 'kernel' ? 0 : cpuMsOf([running.pid]) - cpuMs;
  return {
    [`${stream.family}-speed`]: last.number / 1e6 / ((last.atMs - first.atMs) / 1000),
    [`${stream.family}-cpu`]: usedMs / 1000 / (last.number / 2 ** 30),
  };
}

async function startMover(
  turn: Turn,
  { stream, words }: { stream: Stream; words: readonly string[] },
): Promise<Running> {
  const { contender, scene } = turn;
  const limit = stream.volume === 'through' ? 0 : rotateAt;
  const stdout = stream.volume === 'through' ? { stdout: scene.openDiscardedPipe() } : {};
  if (contender === 'node') return await scene.launch([...leastMover(scene.folder, limit), '1', scene.tool, ...words]);
  if (contender === 'kernel') {
    const mover = [scene.tool, 'move', join(scene.folder, 'log'), String(limit)];
    return await scene.launch([...(stream.volume === 'through' ? [] : mover), scene.tool, ...words], stdout);
  }
  const file = stream.volume === 'through' ? '/dev/stdout' : join(scene.folder, 'log');
  const log = `stdout_logfile=${file}\nstdout_logfile_maxbytes=${limit}\nstdout_logfile_backups=2`;
  return await scene.start({ count: 1, words, options: `startsecs=0\nautorestart=false\n${log}` }, stdout);
}

function leastMover(folder: string, limit: number): string[] {
  return [process.execPath, programPath('least-mover.cjs'), join(folder, 'log'), String(limit)];
}

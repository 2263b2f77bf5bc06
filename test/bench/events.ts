// Events as fast as a child can cause them, to one listener that answers at once.
import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from './experiment.ts';
import type { Scene } from './scene.ts';
import { programPath } from './tool.ts';

export const events: Experiment = {
  figures: [
    {
      name: 'events-rate',
      family: 'events',
      what: 'PROCESS_COMMUNICATION as fast as read, to one listener',
      unit: '1/s',
    },
    { name: 'events-lost', family: 'events', what: '… discarded', unit: '%' },
  ],
  contenders: ['ours', 'supervisord', 'node', 'kernel'],
  rounds: 3,
  async measure({ contender, scene, scale }) {
    const forMs = String(scale.loadMs);
    const isLimit = contender === 'node' || contender === 'kernel';
    if (contender === 'node') {
      await scene.launch([process.execPath, programPath('least-pingpong.cjs'), forMs, scene.tool, 'listen']);
    } else if (contender === 'kernel') {
      await scene.launch([scene.tool, 'pingpong', forMs, scene.tool, 'listen']);
    } else {
      const options = 'startsecs=0\nautorestart=false\nstdout_capture_maxbytes=1MB';
      const sections = `[eventlistener:listener]\ncommand=${scene.tool} listen\nevents=PROCESS_COMMUNICATION`;
      await scene.start({ count: 1, words: ['speak', forMs, String(scale.calmMs)], options, sections });
      await scene.records.take('e', { count: 1 });
    }
    // The listener tells what it has heard whenever it has nothing to do, which may be in the middle.
    if (isLimit) await delay(scale.loadMs);
    const { firstMs, lastMs, heard } = await hearOut(scene);
    const rate = { 'events-rate': (heard - 1) / ((lastMs - firstMs) / 1000) };
    const sent = scene.records.of('e')[0]?.number;
    if (isLimit || sent === undefined) return rate;
    return { ...rate, 'events-lost': (100 * (sent - heard)) / sent };
  },
};

/** What the listener has heard, once it has heard nothing new for a while. */
async function hearOut({ records }: Scene): Promise<{ firstMs: number; lastMs: number; heard: number }> {
  await records.take('c', { count: 1 });
  for (let known = 0; known !== records.of('c').length;) {
    known = records.of('c').length;
    await delay(1000);
  }
  const last = records.of('c').at(-1);
  return {
    firstMs: records.of('f')[0]?.atMs ?? Number.NaN,
    lastMs: last?.atMs ?? Number.NaN,
    heard: last?.number ?? 0,
  };
}

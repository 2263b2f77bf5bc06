// How long the whole command takes that says how ten programs are.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { contenders } from './contenders.ts';
import type { Experiment } from './experiment.ts';
import { nowMs } from './records.ts';
import { requestOf } from './rpc-client.ts';
import { median } from './statistics.ts';
import { socketIn, supervisors } from './supervisors.ts';
import { programPath } from './tool.ts';

const programs = 10;

export const status: Experiment = {
  figures: [{ name: 'status', family: 'status', what: '`status` as a whole command, 10 programs', unit: 'ms' }],
  contenders,
  rounds: 3,
  async measure({ contender, scene, scale }) {
    const isLimit = contender === 'node' || contender === 'kernel';
    const supervisor = isLimit ? 'ours' : contender;
    const count = scale.programs(programs);
    const { place } = await scene.start({ count, words: ['stay'] }, { contender: supervisor });
    await scene.records.take('s', { count });
    await delay(scale.calmMs);
    const request = join(scene.folder, 'request');
    writeFileSync(request, requestOf('supervisor.getAllProcessInfo', { http: '1.0' }));
    const limit =
      contender === 'node'
        ? [process.execPath, programPath('least-status.cjs'), socketIn(scene.folder), request]
        : [scene.tool, 'ask', socketIn(scene.folder), request];
    const words = isLimit ? limit : (supervisors[contender].status?.(place) ?? []);
    const environment = { ...scene.environment, ...supervisors[supervisor].environment?.(place) };
    const times: number[] = [];
    for (let number = 0; number < scale.commands; number += 1) {
      const before = nowMs();
      const { status: code, stdout } = spawnSync(words[0] ?? '', words.slice(1), { env: environment, timeout: 30_000 });
      times.push(nowMs() - before);
      if (code !== 0 || stdout.length < 50)
        throw new Error(`${words.join(' ')} answered ${code}: ${stdout.toString()}`);
    }
    return { status: median(times) };
  },
};

// Plays one scenario against one player in a directory of its own and returns its record: an entry for each step that
// records something.
import { resolve } from 'node:path';
import { executablesOf } from '../support/executables.ts';
import { head, makeDirectory, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { describeStep } from './describe-step.ts';
import { fillAll, fillIn, type Json, type Particulars } from './normalise.ts';
import { freePort } from './ports.ts';
import { sameEverywhere, type Player, type Players } from './players.ts';
import type { Scenario, Step } from './scenario.ts';
import { takeStep } from './steps.ts';
import { waitUntilUp } from './waiting.ts';

/** What a step left; `step` says which one it was. */
export interface StepRecord {
  readonly step: string;
  readonly [name: string]: Json;
}

/** A scenario that is being played. */
export interface Stage {
  readonly scenario: Scenario;
  readonly player: Player;
  readonly players: Players;
  readonly daemon: Daemon;
  readonly particulars: Particulars;
  /** Puts the particulars into a text of the scenario. */
  readonly fill: (text: string) => string;
}

/** Plays it to its end; throws with the step and the activity log when a step cannot be taken. */
export async function playScenario(
  scenario: Scenario,
  { player, players }: { player: Player; players: Players },
): Promise<StepRecord[]> {
  const stage = await openStage(scenario, { player, players });
  const records: StepRecord[] = [];
  let current: Step | null = null;
  try {
    if (scenario.comesUp !== false) await waitUntilUp(stage);
    for (const step of scenario.steps) {
      current = step;
      const record = await takeStep(step, stage);
      if (record !== null) records.push({ step: describeStep(step), ...record });
    }
    return records;
  } catch (error) {
    const place = current === null ? 'at the start' : `at ${describeStep(current)}`;
    const { daemon } = stage;
    const log = daemon.read('supervisord.log') || daemon.output;
    throw new Error(`${player.daemon} under ${player.ctl}, ${place}: ${String(error)}\n${log}${daemon.errors}`, {
      cause: error,
    });
  } finally {
    stage.daemon.discard();
  }
}

async function openStage(
  scenario: Scenario,
  { player, players }: { player: Player; players: Players },
): Promise<Stage> {
  const directory = makeDirectory();
  const ports = [await freePort(players), await freePort(players)];
  const children = resolve(import.meta.dirname, '../fixtures/children');
  const place = { directory, ports, children, bin: executablesOf(player.daemon, directory), mark: '' };
  const fill = (text: string): string => fillIn(text, place);
  const flags = scenario.flags?.map(fill);
  const daemon = await startDaemon(player.daemon, {
    directory,
    config: `${scenario.head === false ? '' : head}${fill(scenario.config)}`,
    head: false,
    files: fillAll({ 'ctl.conf': ctlConfig, ...scenario.files }, fill),
    environment: { ...sameEverywhere, ...fillAll(scenario.environment ?? {}, fill) },
    comesUp: false,
    ...(scenario.wrapper === undefined ? {} : { wrapper: scenario.wrapper.map(fill) }),
    ...(flags === undefined ? {} : { foreground: false, flags }),
  });
  return { scenario, player, players, daemon, fill, particulars: { ...place, mark: daemon.mark } };
}

// The commands have a file of their own, for supervisorctl cannot live with the broken ones that the daemon gets.
const ctlConfig = '[supervisorctl]\nserverurl=unix://{dir}/supervisor.sock\n';

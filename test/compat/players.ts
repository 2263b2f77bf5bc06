// Who plays a scenario: a daemon and a control command. Real supervisorctls are kept running and lent out, for starting
// Python costs far more than a command does.
import { runCtl, type Ctl, type Outcome } from '../support/ctl.ts';
import type { Mode } from '../support/modes.ts';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import { SupervisorctlServer, type CtlCommand } from '../support/supervisorctl-server.ts';

export interface Player {
  readonly daemon: Mode;
  readonly ctl: Ctl;
}

/** The real ones, ours, and each of ours with the other real one. */
export const reference: Player = { daemon: 'reference', ctl: 'supervisorctl' };
export const ours: Player = { daemon: 'native', ctl: 'corevisorctl' };
export const oursWithRealCtl: Player = { daemon: 'native', ctl: 'supervisorctl' };
export const realWithOurCtl: Player = { daemon: 'reference', ctl: 'corevisorctl' };

/** Lends out what the scenarios of one run share. */
export class Players {
  readonly #idle: SupervisorctlServer[] = [];
  readonly #ports = new Set<number>();

  /** Runs one control command to its end. */
  async ctl(ctl: Ctl, command: CtlCommand): Promise<Outcome> {
    if (ctl === 'corevisorctl') return await runCtl(ctl, { ...command, environment: sameEverywhere });
    const server = this.#idle.pop() ?? new SupervisorctlServer({ ...cleanEnvironment(), ...sameEverywhere });
    try {
      const outcome = await server.run(command);
      this.#idle.push(server);
      return outcome;
    } catch (error) {
      await server.discard();
      throw error;
    }
  }

  /** Remembers a port as given to a scenario; false if another one has it. */
  take(port: number): boolean {
    if (this.#ports.has(port)) return false;
    this.#ports.add(port);
    return true;
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((server) => server.close()));
  }
}

/** What every process of a scenario has in its environment, so that texts and times are the same on every machine. */
export const sameEverywhere = { LC_ALL: 'C.UTF-8', TZ: 'UTC' };

// Who plays a scenario: the daemon and the control command that belongs to it. Real supervisorctls are kept running and
// lent out, for starting Python costs far more than a command does.
import { runCtl, type Outcome } from '../support/ctl.ts';
import { cleanEnvironment } from '../support/run-supervisord.ts';
import { SupervisorctlServer, type CtlCommand } from '../support/supervisorctl-server.ts';

export type Player = 'reference' | 'ours';

/** Lends out what the scenarios of one run share. */
export class Players {
  readonly #idle: SupervisorctlServer[] = [];
  readonly #ports = new Set<number>();

  /** Runs one control command to its end. */
  async ctl(player: Player, command: CtlCommand): Promise<Outcome> {
    if (player === 'ours') return await runCtl('corevisorctl', { ...command, environment: sameEverywhere });
    const server = this.#idle.pop() ?? new SupervisorctlServer({ ...cleanEnvironment(), ...sameEverywhere });
    try {
      return await server.run(command);
    } finally {
      this.#idle.push(server);
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

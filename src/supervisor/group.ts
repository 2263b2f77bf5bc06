// The processes of one group, as configured when the group was added.

import { isStopped } from '../base/states.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import { byPriority } from './order.ts';

export class Group {
  readonly config: GroupConfig;
  readonly processes: readonly ManagedProcess[];

  constructor(config: GroupConfig, makeProcess: (config: ProcessConfig) => ManagedProcess) {
    this.config = config;
    this.processes = config.processes.map(makeProcess);
  }

  find(name: string): ManagedProcess | undefined {
    return this.processes.find((process) => process.config.name === name);
  }

  unstopped(): ManagedProcess[] {
    return this.processes.filter((process) => !isStopped(process.wireState));
  }

  /** Starts what is to start by itself, in the order of the configuration. */
  autostart(): void {
    for (const process of this.processes) if (process.config.options.autostart) process.start();
  }

  /** Part of a shutdown: stops what runs and gives up what waits for a retry, highest priority number first. */
  stopForShutdown(): void {
    for (const process of byPriority(this.processes).toReversed()) {
      if (process.wireState === 'BACKOFF') process.giveUp();
      else if (process.wireState === 'STARTING' || process.wireState === 'RUNNING') process.stop('shutdown');
    }
  }

  /** Whether each process that starts by itself is up, has ended as it should, or was stopped by a person. */
  isReady(): boolean {
    return this.processes.every(
      (process) =>
        !process.config.options.autostart ||
        process.wireState === 'RUNNING' ||
        process.endedAsExpected ||
        process.stoppedByPerson,
    );
  }

  dispose(): void {
    for (const process of this.processes) process.dispose();
  }
}

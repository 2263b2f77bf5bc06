// The processes of one group, as configured when the group was added.

import { isStopped } from '../base/states.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

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

  dispose(): void {
    for (const process of this.processes) process.dispose();
  }
}

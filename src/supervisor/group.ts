// The processes of one group: as configured when the group was added, and as an update or a change of their number has made
// them since.

import { isStopped } from '../base/states.ts';
import type { GroupConfig, ProcessConfig } from '../config/programs.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

export class Group {
  #config: GroupConfig;
  #processes: readonly ManagedProcess[];

  constructor(config: GroupConfig, makeProcess: (config: ProcessConfig) => ManagedProcess) {
    this.#config = config;
    this.#processes = config.processes.map(makeProcess);
  }

  /** What runs, process by process. */
  get config(): GroupConfig {
    return this.#config;
  }

  get processes(): readonly ManagedProcess[] {
    return this.#processes;
  }

  find(name: string): ManagedProcess | undefined {
    return this.processes.find((process) => process.config.name === name);
  }

  unstopped(): ManagedProcess[] {
    return this.processes.filter((process) => !isStopped(process.wireState));
  }

  /** Takes over what a new configuration says of the group itself; its processes stay. */
  reconfigure(config: GroupConfig): void {
    this.#config = { ...config, processes: this.#config.processes };
  }

  /** Puts one process in the place of another. */
  replace(old: ManagedProcess, process: ManagedProcess): void {
    this.#become(this.#processes.map((each) => (each === old ? process : each)));
    old.dispose();
  }

  /** Adds a process, in the order of these names. */
  add(process: ManagedProcess, order: readonly string[]): void {
    const places = new Map(order.map((name, index) => [name, index]));
    const placeOf = ({ config }: ManagedProcess): number => places.get(config.name) ?? order.length;
    this.#become([...this.#processes, process].toSorted((a, b) => placeOf(a) - placeOf(b)));
  }

  drop(process: ManagedProcess): void {
    this.#become(this.#processes.filter((each) => each !== process));
    process.dispose();
  }

  dispose(): void {
    for (const process of this.processes) process.dispose();
  }

  #become(processes: readonly ManagedProcess[]): void {
    this.#processes = processes;
    this.#config = { ...this.#config, processes: processes.map(({ config }) => config) };
  }
}

// What a process has used, as metrics tell it.

/** Since its start; of the process alone, without its children. */
export interface Resources {
  /** User and system time. */
  readonly cpuSeconds: number;
  /** Resident memory. */
  readonly rssBytes: number;
}

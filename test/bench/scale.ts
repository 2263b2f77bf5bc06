// How much of everything: the benchmark's own sizes, and the least that still plays every step.

export interface Scale {
  /** How many programs are started where a row says so many. */
  programs(named: number): number;
  /** Rest after a start, until programs count as running and the supervisor has got over it. */
  readonly calmMs: number;
  /** Rest before memory is looked at: a daemon may give pages back some seconds after its start. */
  readonly settleMs: number;
  /** How long nothing is asked of an idle daemon. */
  readonly idleMs: number;
  /** How long a load of calls, crashes, lines or events lasts. */
  readonly loadMs: number;
  /** Children that are killed, by a supervisor that replaces them at once and by one that takes a second each. */
  readonly kills: { readonly fast: number; readonly slow: number };
  /** Whole commands. */
  readonly commands: number;
  /** Of a stream in large writes and in small ones to a file, and of one that nobody stands in the way of. */
  readonly bytes: { readonly large: number; readonly small: number; readonly through: number };
  readonly growth: { readonly bytes: number; readonly restarts: number };
}

export const full: Scale = {
  programs: (named) => named,
  calmMs: 1500,
  settleMs: 12_000,
  idleMs: 8000,
  loadMs: 4000,
  kills: { fast: 100, slow: 8 },
  commands: 10,
  bytes: { large: 512 * 2 ** 20, small: 96 * 2 ** 20, through: 2 * 2 ** 30 },
  growth: { bytes: 2 ** 30, restarts: 2000 },
};

export const tiny: Scale = {
  programs: (named) => Math.min(named, 3),
  calmMs: 50,
  settleMs: 100,
  idleMs: 100,
  loadMs: 300,
  kills: { fast: 3, slow: 1 },
  commands: 1,
  bytes: { large: 2 ** 20, small: 10_000, through: 2 ** 20 },
  growth: { bytes: 2 ** 20, restarts: 10 },
};

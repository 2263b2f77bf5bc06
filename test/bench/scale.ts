// How much of everything: the benchmark's own sizes, and the least that still plays every step.

export interface Scale {
  /** How many programs are started where a row says so many. */
  programs(named: number): number;
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
  readonly bytes: { readonly large: number; readonly small: number };
  readonly growth: { readonly bytes: number; readonly restarts: number };
}

export const full: Scale = {
  programs: (named) => named,
  settleMs: 12_000,
  idleMs: 8000,
  loadMs: 4000,
  kills: { fast: 100, slow: 8 },
  commands: 10,
  bytes: { large: 512 * 2 ** 20, small: 96 * 2 ** 20 },
  growth: { bytes: 2 ** 30, restarts: 2000 },
};

export const tiny: Scale = {
  programs: (named) => Math.min(named, 3),
  settleMs: 100,
  idleMs: 100,
  loadMs: 300,
  kills: { fast: 3, slow: 1 },
  commands: 1,
  bytes: { large: 2 ** 20, small: 10_000 },
  growth: { bytes: 2 ** 20, restarts: 10 },
};

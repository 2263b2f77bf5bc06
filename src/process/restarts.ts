// What follows from an end that nobody asked for, beyond supervisord's rules: restart_delay, which puts time between an
// exit and the next start, and restart_limit, which gives a process up that ends too often. Pure: the times of exits are
// monotonic and come with the events, so a wall clock that is set changes nothing.

/** Seconds, as in the configuration. */
export interface RestartRules {
  /** 0 starts again at once. */
  readonly restart_delay: number;
  readonly restart_delay_max: number;
  /** One exit more than `exits` within `seconds` and the process is given up. */
  readonly restart_limit: { readonly exits: number; readonly seconds: number } | null;
}

/** What the rules look back on; nothing of it is kept where none of them is set. */
export interface Past {
  /** When the process ended without being asked, the latest last; monotonic milliseconds, none older than the limit's span. */
  readonly exitsAtMs: readonly number[];
  /** Seconds of the wait before the present run; 0 for none. */
  readonly delay: number;
}

/** An end that nobody asked for. */
export interface Ending {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** Milliseconds from the start to the end. */
  readonly ranMs: number;
}

/** A run of this many seconds at least, or of twice the last delay, takes the delay back to its start. */
const steadyAfter = 10;

const nothing: Past = { exitsAtMs: [], delay: 0 };

/** Counts an end; `exceeded` in words when it was one too many. */
export function countExit(
  { restart_limit: limit }: RestartRules,
  { past, atMs }: { readonly past: Past | undefined; readonly atMs: number },
): { readonly past: Past | undefined; readonly exceeded: string | null } {
  if (limit === null) return { past, exceeded: null };
  const exitsAtMs = [...(past ?? nothing).exitsAtMs.filter((earlier) => earlier > atMs - limit.seconds * 1000), atMs];
  const tooMany = exitsAtMs.length > limit.exits;
  const exits = `${exitsAtMs.length} ${exitsAtMs.length === 1 ? 'exit' : 'exits'}`;
  const exceeded = `${exits} within ${limit.seconds} seconds (restart_limit=${limit.exits}/${limit.seconds})`;
  return { past: { ...(past ?? nothing), exitsAtMs }, exceeded: tooMany ? exceeded : null };
}

/**
 * The wait before the next start, after an exit from RUNNING: the first delay, doubled while the runs stay short.
 * `wait` is in seconds, 0 for none.
 */
export function delayRestart(
  { restart_delay: first, restart_delay_max: most }: RestartRules,
  { past, ranMs }: { readonly past: Past | undefined; readonly ranMs: number },
): { readonly past: Past | undefined; readonly wait: number } {
  if (first === 0) return { past, wait: 0 };
  const { exitsAtMs, delay } = past ?? nothing;
  const wasSteady = ranMs >= Math.max(steadyAfter, 2 * delay) * 1000;
  const wait = Math.min(delay === 0 || wasSteady ? first : delay * 2, most);
  return { past: { exitsAtMs, delay: wait }, wait };
}

// When probes that fail are enough to give a run up, and when the next one is due. Pure. Times are monotonic milliseconds.

/** As the options say. */
export interface HealthRules {
  readonly intervalMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

/** What one run's probes have shown so far. */
export interface HealthCount {
  /** In a row, those that count. */
  readonly failures: number;
  readonly wasHealthy: boolean;
  /** Before the first success the next failure counts an interval after this at the earliest. */
  readonly countedAtMs: number;
}

/** One a second until the first success, unless the interval is shorter. */
export function eagerMs({ intervalMs }: HealthRules): number {
  return Math.min(1000, intervalMs);
}

/** A run that began then. */
export function beginCount(rules: HealthRules, startedAtMs: number): HealthCount {
  return { failures: 0, wasHealthy: false, countedAtMs: startedAtMs + rules.startPeriodMs - eagerMs(rules) };
}

/**
 * Takes the result of the probe that was due then. What has never been healthy is given up at the watchdog's pace too, though
 * it is asked more often: of its failures one counts per interval.
 */
export function countProbe(
  rules: HealthRules,
  { count, isHealthy, dueAtMs }: { readonly count: HealthCount; readonly isHealthy: boolean; readonly dueAtMs: number },
): HealthCount {
  if (isHealthy) return { ...count, failures: 0, wasHealthy: true };
  if (count.wasHealthy) return { ...count, failures: count.failures + 1 };
  const countsAtMs = count.countedAtMs + rules.intervalMs;
  if (dueAtMs < countsAtMs) return count;
  // A standstill of the daemon is not made up for.
  const countedAtMs = Math.max(countsAtMs, dueAtMs - eagerMs(rules));
  return { ...count, failures: count.failures + 1, countedAtMs };
}

/** Whether the run is given up. */
export function isGivenUp({ retries }: HealthRules, { failures }: HealthCount): boolean {
  return failures >= retries;
}

/** The next of the moments that all who are asked so often share: multiples of the step, moved by an offset. */
export function nextDueMs(
  nowMs: number,
  { stepMs, offsetMs }: { readonly stepMs: number; readonly offsetMs: number },
): number {
  return offsetMs + stepMs * (Math.floor((nowMs - offsetMs) / stepMs) + 1);
}

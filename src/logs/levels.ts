// The levels of supervisord's own log: the word in the file (`loglevel=`), the label in a line, and the order
// (its loggers.py LevelsByName and LevelsByDescription). One table; pure.

interface LevelFacts {
  /** As in `2026-01-31 12:00:00,000 INFO …`. */
  readonly label: string;
  /** As `loglevel=` says it. */
  readonly option: string;
  /** Higher is more important. */
  readonly weight: number;
}

export const logLevels = {
  crit: { label: 'CRIT', option: 'critical', weight: 50 },
  error: { label: 'ERRO', option: 'error', weight: 40 },
  warn: { label: 'WARN', option: 'warn', weight: 30 },
  info: { label: 'INFO', option: 'info', weight: 20 },
  debug: { label: 'DEBG', option: 'debug', weight: 10 },
  trace: { label: 'TRAC', option: 'trace', weight: 5 },
  blather: { label: 'BLAT', option: 'blather', weight: 3 },
} as const satisfies Record<string, LevelFacts>;

export type LogLevel = keyof typeof logLevels;

/** What `loglevel=` accepts. */
export type LogLevelOption = (typeof logLevels)[LogLevel]['option'];

/** The threshold that a `loglevel=` word sets; our own short names are taken as well. */
export function levelWeight(name: LogLevelOption | LogLevel): number {
  return logLevels[name === 'critical' ? 'crit' : name].weight;
}

// supervisord's own log: its levels, its line shape, to a rotating file and, in the foreground, to stdout. Each line is
// written before the call returns, so none is lost when the process ends right after; what cannot take it at once (a full
// pipe) queues it. When file and stdout are the same stream each line is written once, where supervisord writes two.

import { existsSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { ConsoleSink } from './console.ts';
import { levelWeight, logLevels } from './levels.ts';
import type { LogLevel, LogLevelOption } from './levels.ts';
import { cannotRotate, lastWordsMs, LogFile } from './log-file.ts';
import { createLineWriter } from './log-line.ts';
import { descriptorOf } from './open-log.ts';

export interface LoggerOptions {
  /** Lines below this level are not written. */
  readonly level: LogLevelOption | LogLevel;
  readonly clock: Clock;
  /** The activity log; null for none. */
  readonly file: { readonly path: string; readonly maxBytes: number; readonly backups: number } | null;
  /** stdout in the foreground; null when daemonized or `silent`. */
  readonly console: ConsoleSink | null;
  /** The system's log (`logfile=syslog`), which takes one line at a time and must neither throw nor block. */
  readonly syslog?: { write(line: Uint8Array): void } | null;
  /** Told of each loss of the activity log. */
  readonly onLost?: (bytes: number) => void;
}

/** One method per level, and what can be asked of the log as a whole. */
export type Logger = Readonly<Record<LogLevel, (text: string) => void>> & {
  /** Path of the activity log, null when there is none. */
  readonly path: string | null;
  /** Whether a line of this level would be written: asked before building an expensive one. */
  isEnabled(level: LogLevel): boolean;
  /** Opens the file by its name again; says supervisord's `supervisord logreopen` in the old one first. */
  reopen(): void;
  /** Deletes the file and begins a new one; says `reopening log file` first. Throws Fault NO_FILE or FAILED. */
  clear(): void;
  /** Resolves when stdout, and a log that is a pipe, took everything; after 200 ms, or as long as is said, at the latest. */
  settled(maxMs?: number): Promise<void>;
  /** Flushes (bounded) and closes everything, the console included. */
  close(): void;
};

/** Opens the activity log; throws the errno error when that is not possible. */
export function createLogger({ level, clock, file, console, syslog = null, onLost }: LoggerOptions): Logger {
  const threshold = levelWeight(level);
  const formatLine = createLineWriter(clock);
  const isSameStream = file !== null && console !== null && descriptorOf(file.path) === console.fd;
  const early: string[] = [];
  let logFile: LogFile | null = null;

  function log(each: LogLevel, text: string): void {
    if (logLevels[each].weight < threshold) return;
    const line = Buffer.from(formatLine(each, text));
    console?.write(line);
    logFile?.write(line);
    if (syslog !== null) writeToSyslog(each, text);
  }

  /** Each line of a text is a message of its own, with its own level and time. */
  function writeToSyslog(each: LogLevel, text: string): void {
    // An expression would begin anew at every line end within: seconds, for what a child wrote.
    let end = text.length;
    while (text[end - 1] === '\n') end -= 1;
    for (const line of text.slice(0, end).split('\n')) syslog?.write(Buffer.from(formatLine(each, line)));
  }

  /** A log that cannot be written cannot say so in itself: that would be lost too, and counted as a loss. */
  function tellTrouble(text: string): void {
    const line = Buffer.from(formatLine('warn', text));
    console?.write(line);
    if (logFile?.isFailing === false) logFile.write(line);
  }

  if (isSameStream) {
    if (file.maxBytes > 0) early.push(cannotRotate(file.path));
  } else if (file !== null) {
    const onTrouble = (text: string): void => void (logFile === null ? early.push(text) : tellTrouble(text));
    logFile = new LogFile({ ...file, clock, onTrouble, ...(onLost !== undefined && { onLost }) });
  }
  for (const text of early) log('warn', text);

  return {
    path: file?.path ?? null,
    crit: (text) => log('crit', text),
    error: (text) => log('error', text),
    warn: (text) => log('warn', text),
    info: (text) => log('info', text),
    debug: (text) => log('debug', text),
    trace: (text) => log('trace', text),
    blather: (text) => log('blather', text),
    isEnabled: (each) => logLevels[each].weight >= threshold,
    reopen() {
      log('info', 'supervisord logreopen');
      logFile?.reopen();
    },
    clear() {
      if (file === null || !existsSync(file.path)) throw new Fault('NO_FILE');
      log('info', 'reopening log file');
      try {
        logFile?.clear();
      } catch {
        throw new Fault('FAILED');
      }
    },
    async settled(maxMs = lastWordsMs) {
      await Promise.all([console?.settled(maxMs), logFile?.settled(maxMs)]);
    },
    close() {
      logFile?.close();
      console?.close();
    },
  };
}

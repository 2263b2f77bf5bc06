// One line of supervisord's own log: `YYYY-MM-DD HH:MM:SS,mmm LEVEL message`, local time (its options.py make_logger
// and loggers.py LogRecord). Operators' log shippers parse it. Pure: the time is handed in.

import type { Clock } from '../base/clock.ts';
import { logLevels } from './levels.ts';
import type { LogLevel } from './levels.ts';

export type LineWriter = (level: LogLevel, text: string) => string;

/** Makes a writer that formats date and time once a second at most; lines end in a newline. */
export function createLineWriter(clock: Pick<Clock, 'wall'>): LineWriter {
  let second = NaN;
  let stamp = '';
  return (level, text) => {
    const wall = clock.wall();
    const now = Math.floor(wall / 1000);
    if (now !== second) {
      second = now;
      stamp = formatSecond(new Date(now * 1000));
    }
    const millis = Math.floor(wall - now * 1000);
    return `${stamp},${pad(millis, 3)} ${logLevels[level].label} ${text}\n`;
  };
}

function formatSecond(date: Date): string {
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
  return `${day} ${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

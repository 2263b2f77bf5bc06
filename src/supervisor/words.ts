// How ends, dates and lengths of time are said to a person: in `why`, in the post-mortem. Pure.

import { two } from '../base/dates.ts';
import { printable } from '../base/printable.ts';
import type { End, Wish } from '../process/history.ts';
import { describeExit } from '../base/describe-exit.ts';

/** `exit status 1`, `terminated by SIGKILL`, or why nothing could be executed. */
export function describeHow({ how }: Pick<End, 'how'>): string {
  return 'error' in how ? printable(how.error) : describeExit(how);
}

/** `exit status 1 after 2.5 s (RUNNING)`, with whose wish it was if it was somebody's. */
export function describeEnd(end: End): string {
  const { how, ranMs, state, by } = end;
  if ('error' in how) return `not started: ${describeHow(end)}`;
  return `${describeHow(end)} after ${formatSpan(ranMs)} (${state}${wishes[by]})`;
}

const wishes: Readonly<Record<Wish, string>> = {
  itself: '',
  person: ', stopped by a person',
  roll: ', stopped by a roll',
  shutdown: ', stopped by the shutdown',
  watchdog: ', restarted by the watchdog',
};

/** Local time as the log writes it: `2026-11-23 03:30:00`. */
export function formatMoment(wallMs: number): string {
  const date = new Date(wallMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Two units at most: `0.25 s`, `12.5 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${whole % 60} s`;
}

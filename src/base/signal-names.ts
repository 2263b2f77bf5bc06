// Signal names and numbers, as supervisord reads and writes them (its datatypes.py `signal_number` and options.py
// `signame`): Linux's numbers, any case, with or without SIG; an alias is read but never written. Pure.

import { readInteger, strip } from './python-text.ts';

/** Every name that can be written, by number; what is missing here is `signal 32` and the like. */
const names: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  16: 'SIGSTKFLT',
  17: 'SIGCHLD',
  18: 'SIGCONT',
  19: 'SIGSTOP',
  20: 'SIGTSTP',
  21: 'SIGTTIN',
  22: 'SIGTTOU',
  23: 'SIGURG',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  26: 'SIGVTALRM',
  27: 'SIGPROF',
  28: 'SIGWINCH',
  29: 'SIGPOLL',
  30: 'SIGPWR',
  31: 'SIGSYS',
  34: 'SIGRTMIN',
  64: 'SIGRTMAX',
};

/**
 * Names that are read but not written. The last two are supervisord's quirk: it looks names up among the constants of
 * Python's signal module, and takes whatever number it finds there.
 */
const aliases: Readonly<Record<string, number>> = { SIGIOT: 6, SIGCLD: 17, SIGIO: 29, SIG_DFL: 0, SIG_IGN: 1 };

const numbers: ReadonlyMap<string, number> = new Map([
  ...Object.entries(names).map(([number, name]): [string, number] => [name, Number(number)]),
  ...Object.entries(aliases),
]);

/** The number of `TERM`, `sigterm`, `15`…; null when supervisord would refuse it. 0 is accepted, as supervisord does. */
export function signalNumber(text: string): number | null {
  const number = readInteger(text);
  if (number !== null) return number === 0 || names[number] !== undefined ? number : null;
  const upper = strip(text).toUpperCase();
  return numbers.get(upper.startsWith('SIG') ? upper : `SIG${upper}`) ?? null;
}

/** `SIGTERM` for 15; `signal 35` for a number that has no name. */
export function signalName(number: number): string {
  return names[number] ?? `signal ${number}`;
}

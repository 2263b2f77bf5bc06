// Signals: those that reach the daemon, from its first line on, and those that it sends.

/** The signals that supervisord listens for (its options.py `setsignals`). */
export type DaemonSignal = (typeof daemonSignals)[number];

const daemonSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2', 'SIGCHLD'] as const;

/** The daemon's ear for signals. */
export interface SignalIntake {
  /** Delivers what came before, each signal once and in order, and from then on at once. */
  deliverTo(handler: (signal: DaemonSignal) => void): void;
  /** Listens no more; until then the program does not end by itself. */
  stop(): void;
}

const longestIntervalMs = 2 ** 31 - 1;

/**
 * Listens from now on. Call it in the first lines of the program: as PID 1 a process is not sent what it has no handler
 * for. Signals wait until there is a handler, given by `deliverTo`.
 */
export function onSignals(): SignalIntake {
  const waiting = new Set<DaemonSignal>();
  let deliver = (signal: DaemonSignal): void => void waiting.add(signal);
  const listeners = daemonSignals.map((signal) => ({ signal, listener: (): void => deliver(signal) }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
  giveUsr1Back();
  // A handler alone does not keep a program running, and a daemon without a child or a socket still has ears.
  const alive = setInterval(nothing, longestIntervalMs);
  return {
    deliverTo(next) {
      deliver = next;
      for (const signal of waiting) next(signal);
      waiting.clear();
    },
    stop() {
      clearInterval(alive);
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
}

/**
 * Node opens its debugger's port on SIGUSR1. Taking a handler off again leaves the kernel's default action, which is what
 * the signal does to supervisord: it ends the daemon, and is not delivered to PID 1.
 */
function giveUsr1Back(): void {
  process.on('SIGUSR1', nothing);
  process.off('SIGUSR1', nothing);
}

function nothing(): void {}

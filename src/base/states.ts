// Supervisor's states as tables: name, wire code and what may be done in them.
// Names and codes are supervisord's (its states.py); clients compare both.

interface ProcessStateFacts {
  readonly code: number;
  /** `running` and `stopped` are supervisord's sets for start and stop; STOPPING is in neither. */
  readonly kind: 'running' | 'stopped' | 'stopping';
  /** A signal may be sent by a client. */
  readonly signallable: boolean;
}

export const processStates = {
  STOPPED: { code: 0, kind: 'stopped', signallable: false },
  STARTING: { code: 10, kind: 'running', signallable: true },
  RUNNING: { code: 20, kind: 'running', signallable: true },
  BACKOFF: { code: 30, kind: 'running', signallable: false },
  STOPPING: { code: 40, kind: 'stopping', signallable: true },
  EXITED: { code: 100, kind: 'stopped', signallable: false },
  FATAL: { code: 200, kind: 'stopped', signallable: false },
  UNKNOWN: { code: 1000, kind: 'stopped', signallable: false },
} as const satisfies Record<string, ProcessStateFacts>;

export type ProcessStateName = keyof typeof processStates;

/** Whether a start would answer ALREADY_STARTED and a stop would do something. */
export function isRunning(name: ProcessStateName): boolean {
  return processStates[name].kind === 'running';
}

/** Whether nothing of the process is left to wait for. */
export function isStopped(name: ProcessStateName): boolean {
  return processStates[name].kind === 'stopped';
}

/** Whether a client's signal is passed on. */
export function isSignallable(name: ProcessStateName): boolean {
  return processStates[name].signallable;
}

export const supervisorStates = {
  FATAL: 2,
  RUNNING: 1,
  RESTARTING: 0,
  SHUTDOWN: -1,
} as const;

export type SupervisorStateName = keyof typeof supervisorStates;

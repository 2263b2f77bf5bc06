// The two kinds of error that a user can cause: a ConfigError has a place in a file, a Fault has a wire code.
// Everything else that is thrown is a bug: it is logged with its stack and the daemon lives on.

/** A place in a configuration file; `line` counts from 1. */
export interface Where {
  readonly file: string;
  readonly line: number;
}

/** What stands behind a config error: where, which option, what was written and what would be accepted. */
export interface ConfigErrorPlace {
  readonly where?: Where | undefined;
  readonly section?: string | undefined;
  readonly option?: string | undefined;
  /** The text as written; never pass the value of `environment` or a password, pass `'***'`. */
  readonly value?: string | undefined;
  /** What would have been right, in words that follow `accepted: `. */
  readonly accepted?: string | undefined;
}

/** The user's file is wrong. `message` is supervisord's own text; `detail` is our line with file, line and what is accepted. */
export class ConfigError extends Error {
  readonly place: ConfigErrorPlace;

  constructor(message: string, place: ConfigErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
    this.place = place;
  }

  /** `FILE:LINE: [section] option=value; accepted: …`, or '' when no place is known. */
  get detail(): string {
    const { where, section, option, value, accepted } = this.place;
    const parts = [
      where === undefined ? '' : `${where.file}:${where.line}:`,
      section === undefined ? '' : `[${section}]`,
      option === undefined ? '' : value === undefined ? option : `${option}=${value.replaceAll('\n', '\\n')}`,
    ].filter((part) => part !== '');
    if (parts.length === 0) return '';
    return parts.join(' ') + (accepted === undefined ? '' : `; accepted: ${accepted}`);
  }
}

/** What a program says on stderr before it ends with status 2: supervisord's first and last line, ours between them. */
export function usageError(error: ConfigError, programName: string): string {
  const lines = [`Error: ${error.message}`, error.detail, `For help, use ${programName} -h`];
  return lines.filter((line) => line !== '').join('\n');
}

/** Both lines of a config error as one, as faults carry them. */
export function oneLine(error: ConfigError): string {
  return error.detail === '' ? error.message : `${error.message} — ${error.detail}`;
}

/** supervisord's RPC faults: name and code (its xmlrpc.py `Faults`). */
export const faults = {
  UNKNOWN_METHOD: 1,
  INCORRECT_PARAMETERS: 2,
  BAD_ARGUMENTS: 3,
  SIGNATURE_UNSUPPORTED: 4,
  SHUTDOWN_STATE: 6,
  BAD_NAME: 10,
  BAD_SIGNAL: 11,
  NO_FILE: 20,
  NOT_EXECUTABLE: 21,
  FAILED: 30,
  ABNORMAL_TERMINATION: 40,
  SPAWN_ERROR: 50,
  ALREADY_STARTED: 60,
  NOT_RUNNING: 70,
  SUCCESS: 80,
  ALREADY_ADDED: 90,
  STILL_RUNNING: 91,
  CANT_REREAD: 92,
} as const;

export type FaultName = keyof typeof faults;

/** A bug's whole story. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A caller's request cannot be done. `message` is the wire's faultString: `NAME` or `NAME: extra`. */
export class Fault extends Error {
  readonly fault: FaultName;
  readonly code: number;

  constructor(fault: FaultName, extra?: string) {
    super(extra === undefined ? fault : `${fault}: ${extra}`);
    this.name = 'Fault';
    this.fault = fault;
    this.code = faults[fault];
  }
}

// What corevisor.getAllProcessDetails tells, checked, and as the JSON that `status --json` and `why --json` print: always one
// document of one line, its fields the same whatever the state (docs/ending.md names them).
import { type ProcessRow, readList, readNumber, readProcess, readRecord, readText } from './answers.ts';
import type { Missing } from './select.ts';
import type { XmlRpcStruct, XmlRpcValue } from '../rpc/xmlrpc.ts';

/** A process with all that is known of it. */
export interface DetailsRow extends ProcessRow {
  readonly reason: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** What could not be told: which word found nothing, or why there is no answer at all. */
export type Trouble = Missing | { readonly error: string };

/** Reads the answer of getAllProcessDetails. */
export function readDetails(value: XmlRpcValue): readonly DetailsRow[] {
  return readList(value).map((item) => {
    const record = readRecord(item);
    const row = readProcess(item);
    const reason = readText(record['reason']);
    return { ...row, reason, json: jsonOf(record, { ...row, reason }) };
  });
}

/** The document, with what else is to stand in it. */
export function document(processes: readonly DetailsRow[], errors: readonly Trouble[], more: object = {}): string {
  return JSON.stringify({ processes: processes.map(({ json }) => json), ...more, errors });
}

function jsonOf(record: XmlRpcStruct, row: ProcessRow & { readonly reason: string }): Record<string, unknown> {
  const { name, group, statename, state, pid, description, reason } = row;
  const ends = readList(record['ends']).map(endOf);
  return {
    name,
    group,
    statename,
    state,
    pid,
    description,
    reason,
    ready: record['ready'] === true,
    waiting_for: readText(record['waiting_for']) || null,
    essential: record['essential'] === true,
    restarts: readNumber(record['restarts']),
    health: healthOf(record['health']),
    watchdog_restarts: restartsOf(record['watchdog_restarts']),
    last_exit: ends.findLast((end) => end['error'] === null) ?? null,
    ends,
    start: readNumber(record['start']),
    stop: readNumber(record['stop']),
    now: readNumber(record['now']),
    spawnerr: readText(record['spawnerr']),
    exitstatus: readNumber(record['exitstatus']),
    stdout_logfile: readText(record['stdout_logfile']),
    stderr_logfile: readText(record['stderr_logfile']),
  };
}

/** Null where it is not asked for. */
function healthOf(item: XmlRpcValue | undefined): Record<string, unknown> | null {
  if (item === undefined) return null;
  const record = readRecord(item);
  return {
    check: readText(record['check']),
    outcome: readText(record['outcome']),
    text: readText(record['text']),
    time: readNumber(record['time']),
    failures: readNumber(record['failures']),
  };
}

/** Daemons of before do not tell. */
function restartsOf(item: XmlRpcValue | undefined): Record<string, unknown> {
  const record = item === undefined ? {} : readRecord(item);
  return { health: record['health'] ?? 0, memory: record['memory'] ?? 0 };
}

function endOf(item: XmlRpcValue): Record<string, unknown> {
  const record = readRecord(item);
  return {
    time: readNumber(record['time']),
    ran: readNumber(record['ran']),
    state: readText(record['state']),
    by: readText(record['by']),
    exit_code: record['exit_code'] ?? null,
    signal: record['signal'] ?? null,
    error: record['error'] ?? null,
    because: record['because'] ?? null,
  };
}

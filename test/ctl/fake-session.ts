// A session with a daemon that answers from a table and a terminal that is a record.
import type { Address } from '../../src/ctl/address.ts';
import type { Client, StreamEnd } from '../../src/ctl/client.ts';
import { Session, type SessionTerminal } from '../../src/ctl/session.ts';
import { XmlRpcFault, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';

/** What a method answers: a value, an error to throw, or several of them in turn (the last one stays). */
export type Answer = XmlRpcValue | Error | { readonly turns: readonly (XmlRpcValue | Error | Promise<never>)[] };

export interface FakeOptions {
  /** By method, without `supervisor.`; getVersion is there by itself. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** What the user types, line by line. */
  readonly input?: readonly string[];
  readonly interactive?: boolean;
  readonly isScreen?: boolean;
  readonly serverurl?: string;
  readonly plugins?: readonly string[];
  /** What a followed log gives, and how it ends; without an end it goes on. */
  readonly streams?: Readonly<Record<string, { readonly bytes?: string; readonly end?: StreamEnd }>>;
  /** What a GET answers. */
  readonly get?: { readonly status: number; readonly body: string } | Error;
}

/** A fake session and what it recorded. */
export function fakeSession(options: FakeOptions = {}) {
  const record = { stdout: '', stderr: '', calls: [] as string[], addresses: [] as Address[], closed: 0 };
  const turns = new Map<string, number>();
  const input = [...(options.input ?? [])];
  const handlers: (() => void)[] = [];

  const client: Client = {
    async call(method, params = []) {
      record.calls.push(`${method}(${params.map((param) => JSON.stringify(param)).join(', ')})`);
      const answer = answerOf(method.replace('supervisor.', ''));
      if (answer instanceof Error) throw answer;
      return answer;
    },
    follow(path, onBytes) {
      const stream = options.streams?.[path];
      const stops: (() => void)[] = [];
      const stopped = new Promise<StreamEnd>((resolve) => void stops.push(() => resolve({ is: 'closed' })));
      if (stream?.bytes !== undefined) onBytes(Buffer.from(stream.bytes));
      return {
        ended: stream?.end === undefined ? stopped : Promise.resolve(stream.end),
        stop: () => stops.forEach((stop) => stop()),
      };
    },
    async get(path) {
      record.calls.push(`GET ${path}`);
      if (options.get instanceof Error) throw options.get;
      return options.get ?? { status: 200, body: 'ok\n' };
    },
    close() {
      record.closed += 1;
    },
  };

  const answerOf = (method: string): XmlRpcValue | Error | Promise<never> => {
    const answer = { getVersion: '3.0', ...options.answers }[method];
    if (answer === undefined) return new XmlRpcFault(1, 'UNKNOWN_METHOD');
    if (!isTurns(answer)) return answer;
    const turn = turns.get(method) ?? 0;
    turns.set(method, turn + 1);
    return answer.turns[Math.min(turn, answer.turns.length - 1)] ?? '';
  };

  const terminal: SessionTerminal = {
    isScreen: options.isScreen ?? false,
    write: (bytes) => {
      record.stdout += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
    },
    complain: (text) => {
      record.stderr += text;
    },
    readLine: async (question) => {
      record.stdout += question;
      return input.shift() ?? null;
    },
    readHidden: async (question) => {
      record.stdout += question;
      return input.shift() ?? null;
    },
    onInterrupt: (handler) => {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
  };

  const session = new Session({
    address: { serverurl: options.serverurl ?? 'unix:///run/supervisor.sock', username: null, password: null },
    interactive: options.interactive ?? false,
    terminal,
    plugins: options.plugins ?? [],
    connect: (address) => {
      record.addresses.push(address);
      return client;
    },
  });
  return { session, terminal, record, interrupt: () => handlers.at(-1)?.() };
}

/** Runs one line; what it printed, and its exit status behind `=> `. */
export async function runLine(line: string, options: FakeOptions = {}): Promise<string> {
  const { session, record } = fakeSession(options);
  const exit = await session.runLine(line);
  return `${record.stdout}${record.stderr}=> ${exit}`;
}

/** A row of getProcessInfo. */
export function row(namespec: string, statename = 'RUNNING'): XmlRpcValue {
  const [group = '', name = group] = namespec.split(':');
  const state = { STOPPED: 0, STARTING: 10, RUNNING: 20, BACKOFF: 30, EXITED: 100, FATAL: 200 }[statename] ?? 1000;
  const pid = statename === 'RUNNING' ? 42 : 0;
  return { name, group, state, statename, pid, description: pid === 0 ? '' : 'pid 42, uptime 0:00:10' };
}

/** An item of what a call on several processes answers. */
export function outcome(namespec: string, status = 80): XmlRpcValue {
  const [group = '', name = group] = namespec.split(':');
  return { name, group, status, description: status === 80 ? 'OK' : 'the fault text' };
}

function isTurns(answer: Answer): answer is Extract<Answer, { readonly turns: unknown }> {
  return typeof answer === 'object' && 'turns' in answer && Array.isArray(answer.turns);
}

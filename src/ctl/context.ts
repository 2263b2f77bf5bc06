// What a command may touch, and what a row of the command table is. The shell hands in the context; tests hand in a
// recorder with canned answers.
import { splitSpace } from '../base/python-text.ts';
import type { XmlRpcValue } from '../rpc/xmlrpc.ts';
import type { Client, Stream } from './client.ts';

/** Everything a command talks to. */
export interface Context {
  /** `-i` or no command: destructive commands ask first. */
  readonly interactive: boolean;
  /** The address in use, as given; `open` changes it. */
  readonly serverurl: string;
  call(method: string, ...params: XmlRpcValue[]): Promise<XmlRpcValue>;
  follow(path: string, onBytes: (bytes: Buffer) => void): Stream;
  get: Client['get'];
  /** Talks to another server from here on. */
  open(serverurl: string): void;
  /** Ends the shell after this command. */
  leave(): void;
  /** Whether standard output is a terminal, on which a line can be painted over. */
  readonly isTerminal: boolean;
  /** One line on standard output. */
  print(line: string): void;
  /** Bytes on standard output as they are. */
  write(bytes: Uint8Array): void;
  /** One line on standard error. */
  complain(line: string): void;
  /** Asks for a line; null at the end of the input. */
  ask(question: string): Promise<string | null>;
  /** Takes Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
}

/** One row of the command table. */
export interface Command {
  readonly name: string;
  /** What `help NAME` prints, line by line. */
  readonly help: readonly string[];
  /** What Tab offers behind the name. */
  readonly completes: 'actions' | 'groups' | 'processes' | 'nothing';
  /**
   * `refused`: an argument is an error, said before anything is asked of the daemon. A count: fewer words are an error,
   * said after the upcheck.
   */
  readonly arguments:
    'allowed' | 'refused' | { readonly atLeast: number; readonly error: string; readonly exit: number };
  /**
   * Whether the daemon is first asked for its API version, so that one that cannot be reached is one plain line; a
   * number is the exit status then, whatever the reason.
   */
  readonly upcheck: boolean | number;
  /** `ours` is listed apart in `help`; `hidden` is not listed and has no help. */
  readonly origin: 'supervisor' | 'ours' | 'hidden';
  /** Runs instead when `--json` is among the words, before anything is asked: it prints one JSON document whatever happens. */
  readonly json?: (context: Context, argument: string) => Promise<number>;
  /** Runs it; the exit status is what a one-shot call ends with. */
  run(context: Context, argument: string): Promise<number>;
}

/** Asks for the machine's form of an answer, anywhere among the words. */
export const jsonFlag = '--json';

/** The words of a command's argument. */
export function wordsOf(argument: string): string[] {
  return splitSpace(argument);
}

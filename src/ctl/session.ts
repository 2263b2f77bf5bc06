// A user's session with a daemon: an address, credentials, and lines that are run one after the other. Reading a line
// follows Python's cmd module, on which supervisorctl is built; what goes wrong becomes supervisorctl's line.
import { readProcesses } from './answers.ts';
import type { ProcessRow } from './answers.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import type { Address } from './address.ts';
import { errorLine, NamedError, StatusError } from './client-errors.ts';
import { findCommand } from './commands.ts';
import type { Command, Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { runCommand } from './run-command.ts';
import { OutputClosed } from './screen.ts';

/** The screen and the keyboard, as a session uses them. */
export interface SessionTerminal {
  /** Whether what is written can be painted over. */
  readonly isScreen: boolean;
  write(bytes: string | Uint8Array): void;
  complain(text: string): void;
  /** Null at the end of the input. */
  readLine(question: string): Promise<string | null>;
  /** As readLine, without showing what is typed. */
  readHidden(question: string): Promise<string | null>;
  /** Takes Ctrl-C until the returned function is called; the last one to come is the only one called. */
  onInterrupt(handler: () => void): () => void;
}

/** What a session is made of. */
export interface SessionParts {
  readonly address: Address;
  readonly interactive: boolean;
  readonly terminal: SessionTerminal;
  /** The sections of Python plugins: who misses a command hears why. */
  readonly plugins?: readonly string[];
  /** Names a daemon to talk to; tests hand in their own. */
  readonly connect?: (address: Address) => Client;
}

/** Runs command lines against a daemon. */
export class Session {
  readonly #interactive: boolean;
  readonly #terminal: SessionTerminal;
  readonly #connect: (address: Address) => Client;
  readonly #plugins: readonly string[];
  #address: Address;
  #client: Client | null = null;
  #processes: Promise<readonly ProcessRow[]> | null = null;
  #left = false;

  constructor(parts: SessionParts) {
    this.#interactive = parts.interactive;
    this.#terminal = parts.terminal;
    this.#connect = parts.connect ?? connect;
    this.#plugins = parts.plugins ?? [];
    this.#address = parts.address;
  }

  /** Whether `exit`, `quit` or the end of the input was met. */
  get left(): boolean {
    return this.#left;
  }

  /** Runs one line and answers its exit status; prints whatever goes wrong. */
  async runLine(line: string): Promise<number> {
    const { text, name, argument } = parseLine(line);
    this.#processes = null;
    if (text === '') return exits.success;
    const command = findCommand(name);
    if (command === undefined) {
      this.#terminal.write(`*** Unknown syntax: ${text}\n`);
      const sections = this.#plugins.map((section) => `[${section}]`).join(', ');
      if (sections !== '') this.#terminal.complain(`the commands of ${sections} are Python, which is not run here\n`);
      return exits.generic;
    }
    try {
      return await this.#runWithCredentials({ command, argument });
    } catch (error) {
      if (error instanceof OutputClosed) throw error;
      this.#terminal.write(`${errorLine(error)}\n`);
      return exits.generic;
    } finally {
      this.#hangUp();
    }
  }

  /** The processes for Tab, asked for once between two lines, or until there is an answer. */
  processes(): Promise<readonly ProcessRow[]> {
    return (this.#processes ??= this.#askForProcesses());
  }

  async #askForProcesses(): Promise<readonly ProcessRow[]> {
    try {
      return readProcesses(await this.#talk().call('supervisor.getAllProcessInfo'));
    } catch (error) {
      this.#processes = null;
      throw error;
    } finally {
      this.#hangUp();
    }
  }

  // A daemon that wants credentials is told them in the shell; a one-shot call is tried once more, as supervisorctl
  // does, and so ends with the error line behind the notice.
  async #runWithCredentials(order: { command: Command; argument: string }): Promise<number> {
    const context = this.#context();
    try {
      return await runCommand(context, order);
    } catch (error) {
      if (!(error instanceof StatusError) || error.status !== 401) throw error;
    }
    context.print('Server requires authentication');
    if (!this.#interactive) return runCommand(context, order);
    const username = orEndOfInput(await this.#terminal.readLine('Username:'));
    const password = orEndOfInput(await this.#terminal.readHidden('Password:'));
    context.print('');
    this.#hangUp();
    this.#address = { ...this.#address, username, password };
    return this.#runWithCredentials(order);
  }

  #context(): Context {
    const terminal = this.#terminal;
    const address = (): Address => this.#address;
    return {
      interactive: this.#interactive,
      get serverurl() {
        return address().serverurl;
      },
      call: (method, ...params) => this.#talk().call(method, params),
      follow: (path, onBytes) => this.#talk().follow(path, onBytes),
      get: (path, timeoutMs) => this.#talk().get(path, timeoutMs),
      open: (serverurl) => {
        this.#hangUp();
        this.#address = { ...this.#address, serverurl };
      },
      leave: () => {
        this.#left = true;
      },
      get isTerminal() {
        return terminal.isScreen;
      },
      print: (line) => terminal.write(`${line}\n`),
      write: (bytes) => terminal.write(bytes),
      complain: (line) => terminal.complain(`${line}\n`),
      ask: (question) => terminal.readLine(question),
      onInterrupt: (handler) => terminal.onInterrupt(handler),
    };
  }

  #talk(): Client {
    return (this.#client ??= this.#connect(this.#address));
  }

  // A connection lives as long as one line: the daemon may be another one at the next.
  #hangUp(): void {
    this.#client?.close();
    this.#client = null;
  }
}

/** Splits a line into a command's name and its argument: `?x` is `help x`, and a name ends where no letter follows. */
export function parseLine(line: string): { readonly text: string; readonly name: string; readonly argument: string } {
  const trimmed = line.trim();
  if (trimmed.startsWith('!')) return { text: trimmed, name: '', argument: '' };
  const text = trimmed.startsWith('?') ? `help ${trimmed.slice(1)}` : trimmed;
  const word = /^\S*/.exec(text)?.[0] ?? '';
  // Names of our own may have a hyphen.
  const name = findCommand(word) === undefined ? (/^\w*/.exec(text)?.[0] ?? '') : word;
  return { text, name, argument: text.slice(name.length).trim() };
}

function orEndOfInput(line: string | null): string {
  if (line === null) throw new NamedError('EOFError', 'EOF when reading a line');
  return line;
}

// The user's screen and keyboard. Output is written with synchronous writes, so nothing is lost when the program ends
// and no stream machinery is loaded for a one-shot command; what a question needs loads with it (getBuiltinModule loads
// at once what `import()` would start Node's whole module loader for).
import type { Interface } from 'node:readline';
import { InputLines } from './input-lines.ts';
import { readKeys } from './keyboard.ts';
import { OutputClosed, writeAll } from './screen.ts';
import type { SessionTerminal } from './session.ts';

/** What the prompt offers on a real terminal; without it there is neither Tab nor history. */
export interface Editing {
  complete(line: string): Promise<[readonly string[], string]>;
  /** Earlier lines, newest first. */
  readonly history: readonly string[];
}

/** The process's own terminal, or the pipes and files in its place. */
export class Terminal implements SessionTerminal {
  #tty: boolean | null = null;
  readonly #handlers: (() => void)[] = [];
  readonly #typedAhead: string[] = [];
  #editing: Editing | null = null;
  #history: readonly string[] = [];
  #input: Interface | null = null;
  #waiting: ((line: string | null) => void) | null = null;
  #lines: InputLines | null = null;
  #nextLine: Promise<string | null> | null = null;

  /** Turns on Tab and history. */
  edit(editing: Editing): void {
    this.#editing = editing;
    this.#history = editing.history;
  }

  /** The lines typed so far, newest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  get isScreen(): boolean {
    return process.getBuiltinModule('node:tty').isatty(1);
  }

  write(bytes: string | Uint8Array): void {
    writeAll(1, bytes);
  }

  complain(text: string): void {
    try {
      writeAll(2, text);
    } catch (error) {
      // Where complaints cannot be written, nothing can be complained about.
      if (!(error instanceof OutputClosed)) throw error;
    }
  }

  async readLine(question: string): Promise<string | null> {
    if (!this.#isTty()) {
      this.write(question);
      return this.#readPipe();
    }
    const ready = this.#typedAhead.shift();
    if (ready !== undefined) return ready;
    if (question === '') return this.#readKeys({ echo: true });
    const input = this.#open();
    return new Promise((resolve) => {
      this.#waiting = resolve;
      process.stdin.setRawMode(true);
      input.setPrompt(question);
      input.prompt();
    });
  }

  async readHidden(question: string): Promise<string | null> {
    if (this.#isTty()) {
      this.write(question);
      return this.#readKeys({ echo: false });
    }
    // Python's getpass, where there is no echo to turn off.
    this.complain(`Warning: Password input may be echoed.\n${question}`);
    const line = await this.#readPipe();
    if (line !== null) this.complain('\n');
    return line;
  }

  onInterrupt(handler: () => void): () => void {
    if (this.#handlers.length === 0) process.on('SIGINT', this.#interrupt);
    this.#handlers.push(handler);
    return () => {
      const index = this.#handlers.indexOf(handler);
      if (index !== -1) this.#handlers.splice(index, 1);
      if (this.#handlers.length === 0) process.off('SIGINT', this.#interrupt);
    };
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#input?.close();
  }

  // Whoever stopped waiting for a line (Ctrl-C in `fg`) leaves it to the next one who asks.
  #readPipe(): Promise<string | null> {
    this.#lines ??= new InputLines(process.stdin);
    this.#nextLine ??= this.#lines.next().finally(() => (this.#nextLine = null));
    return this.#nextLine;
  }

  #readKeys({ echo }: { echo: boolean }): Promise<string | null> {
    this.#input?.close();
    return readKeys({ echo, show: (text) => this.write(text), interrupt: this.#interrupt });
  }

  // As Python's input(): lines can be edited only where both ends are a terminal.
  #isTty(): boolean {
    const { isatty } = process.getBuiltinModule('node:tty');
    return (this.#tty ??= isatty(0) && isatty(1));
  }

  // A terminal begins anew after every end of its input.
  #open(): Interface {
    if (this.#input !== null) return this.#input;
    const { createInterface } = process.getBuiltinModule('node:readline');
    const editing = this.#editing;
    const input = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: [...this.#history],
      historySize: Infinity,
      ...(editing !== null && { completer: completerOf(editing) }),
    });
    input.on('line', (line) => this.#take(line));
    input.on('history', (history) => (this.#history = [...history]));
    input.on('SIGINT', this.#interrupt);
    input.on('close', () => {
      this.#input = null;
      this.#take(null);
    });
    this.#input = input;
    return input;
  }

  #take(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) {
      if (line !== null) this.#typedAhead.push(line);
      return;
    }
    // While a command runs the terminal is the kernel's again: Ctrl-C is a signal and typing ahead is kept there.
    this.#input?.pause();
    process.stdin.setRawMode(false);
    waiting(line);
  }

  readonly #interrupt = (): void => {
    const handler = this.#handlers.at(-1);
    if (handler !== undefined) return handler();
    this.close();
    process.kill(process.pid, 'SIGINT');
  };
}

function completerOf(editing: Editing) {
  return (line: string, answer: (error: null, result: [string[], string]) => void): void => {
    void offer(line).then((result) => answer(null, result));
  };

  // A daemon that cannot be asked offers nothing; the command itself will say why.
  async function offer(line: string): Promise<[string[], string]> {
    try {
      const [names, fragment] = await editing.complete(line);
      return [[...names], fragment];
    } catch {
      return [[], line];
    }
  }
}

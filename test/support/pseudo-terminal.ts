// A program on a real terminal: util-linux's `script` gives it a pseudo-terminal whose keyboard and screen are pipes here.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { screenText } from './screen-text.ts';
import { waitUntil } from './wait-until.ts';

export interface TerminalOptions {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One program and its terminal of 100 columns. */
export class PseudoTerminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'corevisor-terminal-'));
  readonly #process: ChildProcess;
  #written = '';
  #ended = false;

  constructor(command: readonly string[], { directory, environment = {} }: TerminalOptions) {
    const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const first = `stty cols 100 rows 40; tty > ${this.#folder}/name; exec ${quoted}`;
    const program = spawn('script', ['--quiet', '--return', '--flush', '--command', first, '/dev/null'], {
      cwd: directory,
      env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm', LC_ALL: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    program.stdin.on('error', () => undefined);
    program.stdout.setEncoding('utf8').on('data', (text: string) => (this.#written += text));
    program.on('close', () => (this.#ended = true));
    this.#process = program;
  }

  /** What is on the screen, from the first line on. */
  get screen(): string {
    return screenText(this.#written);
  }

  type(keys: string): void {
    this.#process.stdin?.write(keys);
  }

  /** Waits until the end of what is on the screen, blanks at line ends aside, matches. */
  async waitFor(pattern: RegExp): Promise<void> {
    await waitUntil(() => pattern.test(this.screen), {
      what: () => `${pattern} on the screen, which shows\n${this.screen}`,
    });
  }

  /** Waits until the program shows what is typed itself, or does not: before that, the kernel shows it. */
  async waitUntilItTakesKeys(): Promise<void> {
    await waitUntil(() => /(?<=\s)-echo\s/.test(this.#settings()), {
      what: () => `the keys to be taken; the screen shows\n${this.screen}`,
    });
  }

  /** Waits for the program's end; its exit status. */
  async waitForEnd(): Promise<number | null> {
    await waitUntil(() => this.#ended, { what: () => `the end; the screen shows\n${this.screen}` });
    return this.#process.exitCode;
  }

  /** Hangs up on the program if it still runs. */
  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #settings(): string {
    const name = readFileSync(join(this.#folder, 'name'), 'utf8').trim();
    return spawnSync('stty', ['-F', name, '-a'], { encoding: 'utf8' }).stdout;
  }
}

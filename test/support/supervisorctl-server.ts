// A supervisorctl that is started once and then runs one command after the other (supervisorctl-server.py).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Outcome } from './ctl.ts';
import { pythonOf } from './python.ts';
import { waitUntil } from './wait-until.ts';

export interface CtlCommand {
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly input?: string;
  /** Ctrl-C once this is on stdout. */
  readonly interruptWhen?: string;
}

/** A command that takes longer has come to nothing. */
const deadlineMs = 100_000;

/** Runs one command at a time; `close` ends it. */
export class SupervisorctlServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'supervisorctl-'));
  readonly #server: ChildProcess;
  /** Keeps lines that come together: a pid and its status often do. */
  readonly #answers: NodeJS.AsyncIterator<string>;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    const server = spawn(pythonOf('supervisorctl'), [resolve(import.meta.dirname, 'supervisorctl-server.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment,
    });
    this.#server = server;
    this.#answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    server.stdin.on('error', () => undefined);
  }

  async run(command: CtlCommand): Promise<Outcome> {
    const file = (name: string, text = ''): string => {
      writeFileSync(join(this.#folder, name), text);
      return join(this.#folder, name);
    };
    const files = { stdin: file('stdin', command.input), stdout: file('stdout'), stderr: file('stderr') };
    this.#server.stdin?.write(
      `${JSON.stringify({ ...files, directory: command.directory, arguments: command.arguments })}\n`,
    );
    const deadline = setTimeout(() => this.#server.kill('SIGKILL'), deadlineMs);
    try {
      const status = await this.#follow(command, files.stdout);
      return { stdout: readFileSync(files.stdout, 'utf8'), stderr: readFileSync(files.stderr, 'utf8'), status };
    } finally {
      clearTimeout(deadline);
    }
  }

  async close(): Promise<void> {
    this.#server.stdin?.end();
    await this.#gone();
  }

  /** Ends it also while a command runs. */
  async discard(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#gone();
  }

  async #gone(): Promise<void> {
    if (this.#server.exitCode === null && this.#server.signalCode === null) await once(this.#server, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits for the command's end, interrupts it when it is to be, and answers its exit status. */
  async #follow({ interruptWhen, arguments: words }: CtlCommand, stdout: string): Promise<number> {
    const answer = async (): Promise<number> => {
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error(`supervisorctl ended, or took too long, with: ${words.join(' ')}`);
      return Number(value);
    };
    const pid = await answer();
    let ended = false;
    const status = answer().finally(() => (ended = true));
    if (interruptWhen === undefined) return await status;
    status.catch(() => undefined); // awaited below, unless the wait fails
    await waitUntil(() => ended || readFileSync(stdout, 'utf8').includes(interruptWhen), { what: interruptWhen });
    if (!ended) process.kill(pid, 'SIGINT');
    return await status;
  }
}

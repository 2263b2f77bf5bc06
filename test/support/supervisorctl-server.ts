// A supervisorctl that is started once and then runs one command after the other (supervisorctl-server.py).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
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

/** Runs one command at a time; `close` ends it. */
export class SupervisorctlServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'supervisorctl-'));
  readonly #server: ChildProcess;
  readonly #answers: Interface;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    const server = spawn(pythonOf('supervisorctl'), [resolve(import.meta.dirname, 'supervisorctl-server.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment,
    });
    this.#server = server;
    this.#answers = createInterface({ input: server.stdout });
    server.stdin.on('error', () => undefined);
  }

  async run(command: CtlCommand): Promise<Outcome> {
    const file = (name: string, text = ''): string => {
      writeFileSync(join(this.#folder, name), text);
      return join(this.#folder, name);
    };
    const files = { stdin: file('stdin', command.input), stdout: file('stdout'), stderr: file('stderr') };
    const pids = once(this.#answers, 'line');
    this.#server.stdin?.write(
      `${JSON.stringify({ ...files, directory: command.directory, arguments: command.arguments })}\n`,
    );
    const [pid] = (await pids).map(Number);
    const statuses = once(this.#answers, 'line').then(([line]) => Number(line));
    const { interruptWhen } = command;
    if (interruptWhen !== undefined && pid !== undefined) {
      let ended = false;
      void statuses.then(() => (ended = true)); // only to stop looking; the status itself is awaited below
      await waitUntil(() => ended || readFileSync(files.stdout, 'utf8').includes(interruptWhen), {
        what: interruptWhen,
      });
      if (!ended) process.kill(pid, 'SIGINT');
    }
    const status = await statuses;
    return { stdout: readFileSync(files.stdout, 'utf8'), stderr: readFileSync(files.stderr, 'utf8'), status };
  }

  async close(): Promise<void> {
    this.#server.stdin?.end();
    if (this.#server.exitCode === null) await once(this.#server, 'exit');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

// Python, asked many questions at once: its own modules and those of the installed supervisor say what an input means.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { pythonOf } from '../support/python.ts';

/** One Python process. */
export class Oracle {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  constructor() {
    const script = resolve(import.meta.dirname, 'oracle.py');
    this.#process = spawn(pythonOf('supervisorctl'), [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#process.stdout === null) throw new Error('a process without stdout');
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  /** The answers of a function in oracle.py, in the order of the inputs. */
  async ask(name: string, inputs: readonly unknown[]): Promise<unknown[]> {
    const ended = once(this.#process, 'exit').then(() => Promise.reject(new Error('Python has ended')));
    const answered = Promise.race([once(this.#lines, 'line'), ended]);
    this.#process.stdin?.write(`${JSON.stringify([name, inputs])}\n`);
    const [line]: unknown[] = await answered;
    const answers: unknown = JSON.parse(String(line));
    if (!Array.isArray(answers) || answers.length !== inputs.length) throw new Error(`${name}: ${String(line)}`);
    return answers;
  }

  close(): void {
    this.#process.kill();
  }
}

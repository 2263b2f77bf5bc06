// corevisorctl as a whole: its flags and its file, then one command line from argv, or the interactive shell.
// What the shell does at its start, its end and at Ctrl-C is supervisorctl's (its supervisorctl.py exec_cmdloop).
import { readFileSync, writeFileSync } from 'node:fs';
import { ConfigError, usageError } from '../base/errors.ts';
import { readProcesses } from './answers.ts';
import { completionsOf } from './completion.ts';
import { untilInterrupt } from './interrupt.ts';
import { type CtlOptions, type CtlOrder, ctlUsage, readCtlOptions } from './options.ts';
import { OutputClosed } from './screen.ts';
import { Session } from './session.ts';
import type { SessionTerminal } from './session.ts';
import { Terminal } from './terminal.ts';

/** Does what the command line says and answers the exit status: the command's, 0 after the shell, 2 for wrong usage. */
export async function runCtl(order: CtlOrder): Promise<number> {
  const terminal = new Terminal();
  try {
    const options = readCtlOptions(order);
    if (options !== null) return await runWith(options, terminal);
    terminal.write(ctlUsage(order.name));
    return 0;
  } catch (error) {
    if (error instanceof OutputClosed) return 1;
    if (!(error instanceof ConfigError)) throw error;
    terminal.complain(`${usageError(error, order.name)}\n`);
    return 2;
  } finally {
    terminal.close();
  }
}

async function runWith(options: CtlOptions, terminal: Terminal): Promise<number> {
  const { address, interactive, words, historyFile, prompt } = options;
  const session = new Session({ address, interactive, terminal });
  if (words.length > 0) return session.runLine(words.join(' '));
  terminal.edit({ complete: (line) => complete(session, line), history: readHistory(historyFile) });
  await runShell({ session, terminal, prompt });
  writeHistory(historyFile, terminal.history);
  return 0;
}

/** Shows the status, then reads and runs lines until the end of the input, `exit`, or Ctrl-C. */
export async function runShell(shell: { session: Session; terminal: SessionTerminal; prompt: string }): Promise<void> {
  const { session, terminal, prompt } = shell;
  const interrupted = untilInterrupt(terminal);
  const lines = async (): Promise<'left'> => {
    await session.runLine('status');
    while (!session.left) {
      const line = await terminal.readLine(`${prompt}> `);
      await session.runLine(line ?? 'EOF');
    }
    return 'left';
  };
  const end = await Promise.race([lines(), interrupted.came]);
  interrupted.release();
  if (end === null) terminal.write('\n');
}

async function complete(session: Session, line: string): ReturnType<typeof completionsOf> {
  return completionsOf(line, async () => readProcesses(await session.call('supervisor.getAllProcessInfo')));
}

// A history that cannot be read or written is done without, as supervisorctl does.
function readHistory(file: string | null): string[] {
  if (file === null) return [];
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').toReversed();
  } catch {
    return [];
  }
}

function writeHistory(file: string | null, newestFirst: readonly string[]): void {
  if (file === null) return;
  try {
    writeFileSync(
      file,
      newestFirst
        .toReversed()
        .map((line) => `${line}\n`)
        .join(''),
      { mode: 0o600 },
    );
  } catch {
    // Done without.
  }
}

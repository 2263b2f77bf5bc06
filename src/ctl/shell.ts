// corevisorctl as a whole: its flags and its file, then one command line from argv, or the interactive shell.
// What the shell does at its start, its end and at Ctrl-C is supervisorctl's (its supervisorctl.py exec_cmdloop).
import { ConfigError, usageError } from '../base/errors.ts';
import { completionsOf } from './completion.ts';
import { readHistory, writeHistory } from './history.ts';
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
    if (error instanceof OutputClosed) {
      if (error.complaint !== null) terminal.complain(`Error: ${error.complaint}\n`);
      return 1;
    }
    if (!(error instanceof ConfigError)) throw error;
    terminal.complain(`${usageError(error, order.name)}\n`);
    return 2;
  } finally {
    terminal.close();
  }
}

async function runWith(options: CtlOptions, terminal: Terminal): Promise<number> {
  const { address, interactive, words, historyFile, prompt, plugins } = options;
  const session = new Session({ address, interactive, terminal, plugins });
  if (words.length > 0) return session.runLine(words.join(' '));
  const processes = (): ReturnType<Session['processes']> => session.processes();
  terminal.edit({ complete: (line) => completionsOf(line, processes), history: readHistory(historyFile) });
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

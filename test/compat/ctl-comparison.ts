// The real supervisorctl and our corevisorctl side by side: both run the same command lines, each against a daemon of
// its own with the same configuration (or both against one, for what changes nothing), and what they said is compared.
// Whatever differs by nature (directories, pids, times, the source line that supervisorctl names) is made equal before.
import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from 'chai';
import { type Ctl, ctlCommand, type Outcome, runCtl } from '../support/ctl.ts';
import { type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** The daemon of each side. */
export type Pair = Readonly<Record<Ctl, Daemon>>;

/** A line as one word, or words with flags before it, an input, or a configuration file of its own. */
export type Step =
  string | readonly string[] | { readonly words: readonly string[]; readonly input?: string; readonly config?: string };

/** Two real supervisord with one configuration. */
export async function startPair(config: string): Promise<Pair> {
  const options = { config, files: { notexec: '', 'empty.conf': '' } };
  const [supervisorctl, corevisorctl] = await Promise.all([
    startDaemon('reference', options),
    startDaemon('reference', options),
  ]);
  return { supervisorctl, corevisorctl };
}

/** Both sides with one daemon. */
export function shared(daemon: Daemon): Pair {
  return { supervisorctl: daemon, corevisorctl: daemon };
}

/** Does something with both daemons. */
export async function onBoth<T>(pair: Pair, act: (daemon: Daemon, ctl: Ctl) => Promise<T> | T): Promise<[T, T]> {
  return Promise.all([act(pair.supervisorctl, 'supervisorctl'), act(pair.corevisorctl, 'corevisorctl')]);
}

/** Runs the steps one after the other on both sides and expects the same output and exit status of each. */
export async function compare(pair: Pair, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const order = typeof step === 'string' ? { words: [step] } : 'words' in step ? step : { words: step };
    const [theirs, ours] = await onBoth(pair, (daemon, ctl) => runStep(ctl, { daemon, order }));
    expect(ours).to.deep.equal(theirs);
  }
}

/** The same for steps that change nothing, several at a time. */
export async function compareReads(pair: Pair, steps: readonly Step[]): Promise<void> {
  const queue = [...steps];
  const work = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) await compare(pair, [step]);
  };
  await Promise.all([work(), work(), work()]);
}

/** Runs a command that goes on, and interrupts it once its output matches `until`. */
export async function interrupt(
  ctl: Ctl,
  order: { daemon: Daemon; words: readonly string[]; until: RegExp },
): Promise<Outcome> {
  const [file, ...rest] = [...ctlCommand[ctl], '-c', order.daemon.configFile, ...order.words];
  const child = spawn(file ?? '', rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const said = listenTo(child);
    await waitUntil(() => order.until.test(said.stdout()), {
      what: () => `${order.until} from ${ctl}: ${said.stdout()}`,
    });
    child.kill('SIGINT');
    return comparable(await said.ended, order);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Talks to a program that echoes until it has answered, then ends the input; what was said until the command let go. */
export async function foreground(ctl: Ctl, order: { daemon: Daemon; program: string; line: string }): Promise<string> {
  const [file, ...rest] = [...ctlCommand[ctl], '-c', order.daemon.configFile, 'fg', order.program];
  const child = spawn(file ?? '', rest, { stdio: 'pipe' });
  try {
    const said = listenTo(child);
    const what = (): string => `the next words of ${ctl}, which said ${said.stdout()}`;
    await waitUntil(() => said.stdout().includes('<==\n'), { what });
    child.stdin.write(`${order.line}\n`);
    await waitUntil(() => said.stdout().includes(`${order.line}\n`), { what });
    child.stdin.end();
    // The real one then waits for the next output of the program before it ends.
    await waitUntil(() => said.stdout().includes('Exiting foreground\n'), { what });
    return said.stdout();
  } finally {
    child.kill('SIGKILL');
  }
}

async function runStep(
  ctl: Ctl,
  { daemon, order }: { daemon: Daemon; order: Exclude<Step, string | readonly string[]> },
): Promise<Outcome & { command: string }> {
  const outcome = await runCtl(ctl, {
    config: order.config === undefined ? daemon.configFile : daemon.path(order.config),
    arguments: order.words.map((word) => word.replaceAll('DIR', daemon.directory)),
    directory: daemon.directory,
    ...(order.input !== undefined && { input: order.input }),
  });
  return { command: order.words.join(' '), ...comparable(outcome, { daemon, words: order.words }) };
}

function comparable(outcome: Outcome, { daemon, words }: { daemon: Daemon; words: readonly string[] }): Outcome {
  const equalize = (text: string): string =>
    text
      .replaceAll(daemon.directory, 'DIR')
      .replaceAll(/: file: \S+ line: \d+$/gm, ': file: FILE line: N')
      .replaceAll(/pid \d+, uptime \d+:\d\d:\d\d/g, 'pid PID, uptime TIME')
      .replaceAll(/^[1-9]\d*$/gm, 'PID')
      .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'DATE')
      .replaceAll(/use \S+ -h$/gm, 'use CTL -h')
      // Ours says more about a bad flag or file in a line of its own.
      .replaceAll(/^.*; accepted: .*\n/gm, '');
  // Several processes are listed in the order in which they were done with.
  const isUnordered = /^(start|stop|restart) .*(all|:\*?)$/.test(words.join(' '));
  const stdout = equalize(outcome.stdout);
  return {
    stdout: isUnordered ? stdout.split('\n').toSorted().join('\n') : stdout,
    stderr: equalize(outcome.stderr),
    status: outcome.status,
  };
}

function listenTo(child: ChildProcess): { stdout(): string; readonly ended: Promise<Outcome> } {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((settle, reject) => {
    child.on('error', reject);
    child.on('close', (status) => settle({ stdout, stderr, status }));
  });
  return { stdout: () => stdout, ended };
}

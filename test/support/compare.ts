// Plays one scenario, a configuration and a sequence of control commands, with supervisord or corevisord under
// supervisorctl or corevisorctl, and writes down what was answered, without what may differ from run to run.
import { runCtl, type Ctl, type Outcome } from './ctl.ts';
import type { Mode } from './modes.ts';
import { startDaemon, type Daemon } from './run-supervisord.ts';
import { SupervisorctlServer, type CtlCommand } from './supervisorctl-server.ts';
import { waitUntil } from './wait-until.ts';

/** One thing that is done or waited for; only `run` leaves a trace in the transcript. */
export type Step =
  | RunStep
  | { readonly waitFor: string; readonly state: string }
  | { readonly waitForMessage: RegExp; readonly count?: number }
  | { readonly waitForText: string; readonly in: string }
  | { readonly config: string }
  | { readonly write: string; readonly text: string }
  | { readonly waitForEnd: true };

interface RunStep {
  /** The command line, cut at blanks. */
  readonly run: string;
  readonly input?: string;
  /** The lines come in the order in which things happened to end, so they are compared sorted. */
  readonly unordered?: true;
  /** Ctrl-C once this is on stdout. */
  readonly interruptWhen?: string;
}

export interface Scenario {
  readonly name: string;
  readonly config: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Runs the command itself each time; otherwise one supervisorctl runs them all, which is much faster. */
  readonly asCommands?: true;
  readonly steps: readonly Step[];
}

export interface Players {
  readonly daemon: Mode;
  readonly ctl: Ctl;
}

/** What was answered to each command, and what the daemon logged. */
export interface Transcript {
  readonly answers: readonly string[];
  readonly messages: readonly string[];
}

/** Plays the scenario to its end. */
export async function play(scenario: Scenario, players: Players): Promise<Transcript> {
  const { config, files = {}, steps } = scenario;
  // The commands have a file of their own, for supervisorctl cannot live with the broken ones that the daemon gets.
  const ctlConfig = `[supervisorctl]\nserverurl=unix://%(here)s/supervisor.sock\n`;
  const daemon = await startDaemon(players.daemon, { config, files: { ...files, 'ctl.conf': ctlConfig } });
  const { ctl, close } = openCtl(players.ctl, scenario.asCommands === true);
  try {
    const answers: string[] = [];
    for (const step of steps) answers.push(...(await take(step, { daemon, ctl })));
    if (daemon.alive) daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    return { answers, messages: normalise(daemon.messages.join('\n'), daemon).split('\n') };
  } finally {
    await close();
    await daemon.stop();
  }
}

type RunCtl = (command: CtlCommand) => Promise<Outcome>;

function openCtl(ctl: Ctl, asCommands: boolean): { ctl: RunCtl; close: () => Promise<void> } {
  if (ctl === 'corevisorctl' || asCommands) {
    return { ctl: (command) => runCtl(ctl, command), close: () => Promise.resolve() };
  }
  const server = new SupervisorctlServer();
  return { ctl: (command) => server.run(command), close: () => server.close() };
}

async function take(step: Step, { daemon, ctl }: { daemon: Daemon; ctl: RunCtl }): Promise<string[]> {
  if ('run' in step) {
    const outcome = await ctl({
      directory: daemon.directory,
      arguments: ['-c', daemon.path('ctl.conf'), ...step.run.split(' ').filter((word) => word !== '')],
      ...(step.input === undefined ? {} : { input: step.input }),
      ...(step.interruptWhen === undefined ? {} : { interruptWhen: step.interruptWhen }),
    });
    return [describeOutcome(step, { outcome, daemon })];
  }
  if ('waitFor' in step) await daemon.waitForState(step.waitFor, step.state);
  else if ('waitForMessage' in step) await daemon.waitForMessage(step.waitForMessage, { count: step.count ?? 1 });
  else if ('waitForText' in step) {
    await waitUntil(() => daemon.read(step.in).includes(step.waitForText), {
      what: `${step.waitForText} in ${step.in}`,
    });
  } else if ('config' in step) daemon.writeConfig(step.config);
  else if ('write' in step) daemon.write(step.write, step.text);
  else await daemon.waitForEnd();
  return [];
}

function describeOutcome(step: RunStep, said: { outcome: Outcome; daemon: Daemon }): string {
  const { stdout, stderr, status } = said.outcome;
  // Whether supervisorctl still prints a newline at Ctrl-C depends on where it gets the signal.
  const whole = step.interruptWhen === undefined ? stdout : `${stdout.trimEnd()}\n`;
  const lines = normalise(whole, said.daemon).split('\n');
  const text = (step.unordered === true ? lines.toSorted() : lines).join('\n');
  const trouble = normalise(stderr, said.daemon);
  const error = trouble === '' ? '' : `[stderr] ${trouble}\n`;
  return `$ ctl ${step.run}\n${text}${error}[status ${status}]`;
}

/** Takes out pids, dates, durations, directories, Python's own files, and the place that we add to a config error. */
function normalise(text: string, daemon: Daemon): string {
  return (
    text
      .replaceAll(daemon.directory, 'HERE')
      .replaceAll(/ — HERE\/[^\n]*?(?=(?:["']>)?(?:: file:|$))/gm, '')
      .replaceAll(/file: \S+ line: \d+/g, 'file: FILE line: N')
      .replaceAll(/\bpid [1-9]\d*/g, 'pid PID')
      .replaceAll(/^(supervisor> )?[1-9]\d*$/gm, '$1PID')
      .replaceAll(/(killing '[^']*') \(\d+\)/g, '$1 (PID)')
      .replaceAll(/^For help, use \S+ -h$/gm, 'For help, use CTL -h')
      // Ours says after an error what is accepted, and has one more block of commands; supervisorctl's tail takes
      // Ctrl-C for a failure when it comes at the wrong moment.
      .replaceAll(/^\S+; accepted: .*\n/gm, '')
      .replaceAll(/\ncorevisor commands \(type help <topic>\):\n=+\n[^\n]*\n\n/g, '')
      .replaceAll(/^.*Cannot connect, error: <class 'KeyboardInterrupt'> \(\)\n/gm, '')
      .replaceAll(/uptime (\d+ days?, )?\d+:\d\d:\d\d/g, 'uptime TIME')
      .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'DATE')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/g, 'NOW')
      .replaceAll(/---supervisor-[a-z0-9_]{8}/g, '---supervisor-RANDOM')
  );
}

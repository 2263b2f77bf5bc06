// How each kind of step is taken, and what it is called in a record.
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { run, type Outcome } from '../support/ctl.ts';
import { cleanEnvironment, daemonCommand, head } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';
import { fillAll, normalisePidLines, normaliseText } from './normalise.ts';
import type { Stage } from './play-scenario.ts';
import { sameEverywhere } from './players.ts';
import { askHttp, callMethod, sendRaw, type Entry } from './requests.ts';
import type { Step } from './scenario.ts';
import { sortLines, textAsJson } from './text.ts';
import { messagesOf, waitFor } from './waiting.ts';

/** Takes a step; null for one that records nothing. */
export async function takeStep(step: Step, stage: Stage): Promise<Entry | null> {
  if ('rpc' in step) return await callMethod(step, stage);
  if ('ctl' in step) return await runCtl(step, stage);
  if ('http' in step) return await askHttp(step, stage);
  if ('raw' in step) return await sendRaw(step, stage);
  if ('shell' in step) return await runProgram(['/bin/sh', '-c', stage.fill(step.shell)], stage);
  if ('daemon' in step) {
    return await runProgram([...daemonCommand[stage.player.daemon], ...step.daemon.map(stage.fill)], stage);
  }
  if ('signal' in step) return await sendSignal(step, stage);
  if ('write' in step) {
    const isMain = step.write === 'supervisord.conf' && stage.scenario.head !== false;
    stage.daemon.write(stage.fill(step.write), (isMain ? head : '') + stage.fill(step.text));
    return null;
  }
  if ('read' in step) return readText(step, stage);
  if ('list' in step) return await listFiles(step, stage);
  if ('messages' in step) return readMessages(step, stage);
  if ('waitForEnd' in step) return await waitForEnd(stage);
  await waitFor(step, stage);
  return null;
}

async function runCtl(step: Extract<Step, { ctl: unknown }>, stage: Stage): Promise<Entry> {
  const given = typeof step.ctl === 'string' ? step.ctl.split(' ').filter((word) => word !== '') : step.ctl;
  const words = given.map(stage.fill);
  const namesFile = words.some((word) => /^(-c|--conf)/.test(word));
  const outcome = await stage.players.ctl(stage.player.ctl, {
    directory: stage.daemon.directory,
    arguments: namesFile ? words : ['-c', stage.daemon.path('ctl.conf'), ...words],
    ...(step.input === undefined ? {} : { input: stage.fill(step.input) }),
    ...(step.interruptWhen === undefined ? {} : { interruptWhen: stage.fill(step.interruptWhen) }),
  });
  // Whether supervisorctl still prints a newline at Ctrl-C depends on where it gets the signal.
  const stdout = step.interruptWhen === undefined ? outcome.stdout : `${outcome.stdout.trimEnd()}\n`;
  const printsPids = /\bpid\b/.test(`${words.join(' ')} ${step.input ?? ''}`);
  const text = printsPids ? normalisePidLines(stdout) : stdout;
  return describeOutcome({ ...outcome, stdout: step.unordered === true ? sortLines(text) : text }, stage);
}

async function runProgram(command: readonly string[], stage: Stage): Promise<Entry> {
  const [markName = '', markValue = ''] = stage.daemon.mark.split('=');
  const given = fillAll(stage.scenario.environment ?? {}, stage.fill);
  const environment = { ...cleanEnvironment(), ...sameEverywhere, ...given, [markName]: markValue };
  const outcome = await run(command, { directory: stage.daemon.directory, environment });
  return describeOutcome(outcome, stage);
}

function describeOutcome({ stdout, stderr, status }: Outcome, { particulars }: Stage): Entry {
  const errors = withoutWarnings(normaliseText(stderr, particulars));
  return {
    stdout: textAsJson(normaliseText(stdout, particulars)),
    ...(errors === '' ? {} : { stderr: textAsJson(errors) }),
    status,
  };
}

async function sendSignal(step: Extract<Step, { signal: string }>, stage: Stage): Promise<null> {
  const { daemon } = stage;
  const pid = step.to === undefined ? daemonPid(stage) : (await daemon.info(step.to)).pid;
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no process to send ${step.signal} to`);
  process.kill(pid, signalNumber(step.signal));
  return null;
}

function signalNumber(name: string): number {
  const known = Object.entries(constants.signals).find(([full]) => full === `SIG${name}`);
  if (known === undefined) throw new Error(`no signal is called ${name}`);
  return known[1];
}

function readText(step: Extract<Step, { read: string }>, stage: Stage): Entry {
  const file = stage.daemon.path(stage.fill(step.read));
  if (!existsSync(file)) return { missing: true };
  const text = normaliseText(readFileSync(file, 'utf8'), stage.particulars);
  const { only } = step;
  const kept =
    only === undefined
      ? text
      : text
          .split(/(?<=\n)/)
          .filter((line) => only.test(line))
          .join('');
  return { text: textAsJson(step.unordered === true ? sortLines(kept) : kept) };
}

async function listFiles(step: Extract<Step, { list: string }>, stage: Stage): Promise<Entry> {
  const command = `stat -c '%A %n' -- ${stage.fill(step.list)} 2>/dev/null`;
  const { stdout } = await run(['/bin/sh', '-c', command], { directory: stage.daemon.directory });
  const lines = normaliseText(stdout, stage.particulars).split('\n').slice(0, -1);
  const names = lines.map((line) => (step.modes === true ? line : line.slice(line.indexOf(' ') + 1)));
  return { files: names.toSorted() };
}

function readMessages({ messages: wanted, unordered }: Extract<Step, { messages: unknown }>, stage: Stage): Entry {
  const lines = messagesOf(stage).map((line) => normaliseText(line, stage.particulars));
  const kept = lines.filter((line) => (wanted === 'all' ? !dependsOnTheMachine.test(line) : wanted.test(line)));
  return { messages: unordered === true ? kept.toSorted() : kept };
}

/** Said or not by who runs the tests and under which limits. */
const dependsOnTheMachine = /^CRIT Supervisor is running as root|^INFO Increased RLIMIT_/;

async function waitForEnd(stage: Stage): Promise<Entry> {
  const { daemon } = stage;
  const ending = await daemon.waitForEnd();
  if (stage.scenario.flags !== undefined) {
    await waitUntil(() => !existsSync(`/proc/${daemonPid(stage)}`), {
      what: 'the end of the daemon in the background',
    });
  }
  const errors = withoutWarnings(normaliseText(daemon.errors, stage.particulars));
  const signal = ending.signal === null ? {} : { signal: ending.signal };
  return { status: ending.status, ...signal, stderr: textAsJson(errors) };
}

/** The process that the test started, or the one that it has sent to the background. */
function daemonPid({ daemon }: Stage): number {
  if (daemon.alive) return daemon.pid;
  return Number(daemon.read('supervisord.pid').trim() || Number.NaN);
}

/** Python's own remarks about the real one's use of its libraries, and its hint to name a configuration file. */
function withoutWarnings(text: string): string {
  return text.replaceAll(/^\S+: (?:User|Deprecation|GetPass)Warning: .*\n(?: {2}.*\n)*/gm, '');
}

// What scenarios wait for: the daemon's answer, a state, a message, a text, a file, the end.
import { existsSync } from 'node:fs';
import { callRpc } from '../support/rpc.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import type { Stage } from './play-scenario.ts';
import type { Step } from './scenario.ts';
import { addressOf } from './requests.ts';

/** Any of the steps that only wait. */
export type WaitingStep = Extract<
  Step,
  { waitFor: string } | { waitForMessage: RegExp } | { waitForText: string } | { waitForFile: string }
>;

/** Waits until somebody answers on the unix socket of the head, be it with a refusal. */
export async function waitUntilUp(stage: Stage): Promise<void> {
  const { daemon } = stage;
  await waitUntil(
    async () => {
      const ending = daemon.alive ? null : await daemon.ended;
      if (ending !== null && (ending.status !== 0 || stage.scenario.flags === undefined)) {
        throw new Error(`the daemon has ended with ${JSON.stringify(ending)}`);
      }
      return existsSync(daemon.path('supervisor.sock')) && (await answers(stage));
    },
    { what: 'an answer of the daemon', deadlineMs },
  );
}

/** Waits for what the step says. */
export async function waitFor(step: WaitingStep, stage: Stage): Promise<void> {
  const { daemon, fill } = stage;
  if ('waitFor' in step) {
    let last: XmlRpcValue | null = null;
    await waitUntil(
      async () => {
        last = await callRpc(addressOf(step.over, stage), {
          method: 'supervisor.getProcessInfo',
          params: [step.waitFor],
        });
        return typeof last === 'object' && 'statename' in last && last['statename'] === step.state;
      },
      { what: () => `${step.state} of ${step.waitFor}, which is ${JSON.stringify(last)}`, deadlineMs },
    );
  } else if ('waitForMessage' in step) {
    const { waitForMessage: pattern, count = 1 } = step;
    const enough = (): boolean => messagesOf(stage).filter((line) => pattern.test(line)).length >= count;
    await waitUntil(enough, { what: `${count} of ${pattern}`, deadlineMs });
  } else if ('waitForText' in step) {
    const { waitForText: text, in: file, count = 1 } = step;
    await waitUntil(() => daemon.read(fill(file)).split(fill(text)).length > count, {
      what: () => `${count} of ${text} in ${file}, which holds:\n${daemon.read(fill(file))}\n`,
      deadlineMs,
    });
  } else {
    await waitUntil(() => existsSync(daemon.path(fill(step.waitForFile))), { what: step.waitForFile, deadlineMs });
  }
}

/** The lines of the activity log without their dates: of the file of the head, else of the daemon's stdout. */
export function messagesOf({ daemon }: Stage): string[] {
  const text = daemon.read('supervisord.log') || daemon.output;
  return text
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\S+ \S+,\d{3} /, ''))
    .filter((line) => line !== '' && !isOurs.test(line));
}

/** Lines that supervisord does not have: who asked for a change, and what is said of servers. */
const isOurs = /^INFO command \S+\(.*\) by |^(?:CRIT|WARN) \[(?:unix|inet)_http_server/;

const deadlineMs = 20_000;

async function answers({ daemon }: Stage): Promise<boolean> {
  try {
    await daemon.call('getState');
    return true;
  } catch (error) {
    return error instanceof Error && /^HTTP |UNKNOWN_METHOD/.test(error.message);
  }
}

// What an event listener says on its stdout, as a pure function: where the talk stands and new bytes give where it stands
// then and what is to be done. The rules and the texts are supervisord's (its dispatchers.py
// `PEventListenerDispatcher`), oddities included: the first seven bytes of a result line are skipped whatever they are,
// and the result of length 0 counts only when something comes after it. What a listener may not do here, while
// supervisord would keep it all in memory or break: a result line that does not end, a negative length. Pure.
//
// Bytes are strings with one character for each byte (latin1).

import { outputText, readInteger } from '../base/python-text.ts';

/** `heard` is what is not enough yet to decide. */
export type Talk =
  | { readonly is: 'ACKNOWLEDGED'; readonly heard: string }
  | { readonly is: 'READY' }
  /** An event is under way; `result` is there once its length is known. */
  | { readonly is: 'BUSY'; readonly heard: string; readonly result: Result | null }
  | { readonly is: 'UNKNOWN' };

interface Result {
  readonly length: number;
  /** How much of it has come. */
  readonly got: number;
  /** Its beginning: enough to tell whether it is OK. */
  readonly start: string;
}

export type ListenerEffect =
  | { readonly do: 'log'; readonly level: 'debug' | 'warn'; readonly text: string }
  /** The event that it was sent is done with, or goes back to the buffer. */
  | { readonly do: 'settle'; readonly accepted: boolean };

export interface Heard {
  readonly talk: Talk;
  readonly effects: readonly ListenerEffect[];
}

/** A listener that was just started: it has to say READY first. */
export const firstTalk: Talk = { is: 'ACKNOWLEDGED', heard: '' };

/** What a listener is in once an event was sent to it. */
export const busyTalk: Talk = { is: 'BUSY', heard: '', result: null };

/** What a listener is in once it can be sent an event. */
export const readyTalk: Talk = { is: 'READY' };

const plainAcceptance = Buffer.from('RESULT 2\nOKREADY\n');

/** Whether these bytes accept the event that was sent, and nothing else: `readyTalk` follows. */
export function isPlainAcceptance(talk: Talk, bytes: Uint8Array): boolean {
  return talk === busyTalk && plainAcceptance.equals(bytes);
}

const ready = 'READY\n';
const resultWordLength = 'RESULT '.length;
const longestLine = 64 * 1024;

/** Hears the next bytes of the listener `name`. */
export function hear({ name, talk }: { readonly name: string; readonly talk: Talk }, bytes: string): Heard {
  let heard: Heard = { talk, effects: [] };
  let rest = bytes;
  // Whatever makes no decision keeps all that is left.
  while (rest !== '') {
    const step = hearSome({ name, talk: heard.talk }, rest);
    heard = { talk: step.talk, effects: [...heard.effects, ...step.effects] };
    rest = step.rest;
  }
  return heard;
}

interface Step extends Heard {
  /** Bytes that the next talk has still to hear. */
  readonly rest: string;
}

interface Listener<T extends Talk = Talk> {
  readonly name: string;
  readonly talk: T;
}

function hearSome({ name, talk }: Listener, bytes: string): Step {
  switch (talk.is) {
    case 'ACKNOWLEDGED':
      return hearReady({ name, talk }, bytes);
    case 'READY':
      return lose({ name, talk });
    case 'BUSY':
      return talk.result === null
        ? hearResultLine({ name, talk }, bytes)
        : hearResult({ name, talk, result: talk.result }, bytes);
    case 'UNKNOWN':
      return { talk, effects: [], rest: '' };
  }
}

type In<Name extends Talk['is']> = Extract<Talk, { readonly is: Name }>;

function hearReady({ name, talk }: Listener<In<'ACKNOWLEDGED'>>, bytes: string): Step {
  const heard = talk.heard + bytes;
  if (heard.length < ready.length) return { talk: { ...talk, heard }, effects: [], rest: '' };
  if (!heard.startsWith(ready)) return lose({ name, talk });
  return { talk: { is: 'READY' }, effects: [changed(name, 'ACKNOWLEDGED', 'READY')], rest: heard.slice(ready.length) };
}

function hearResultLine({ name, talk }: Listener<In<'BUSY'>>, bytes: string): Step {
  const heard = talk.heard + bytes;
  const end = heard.indexOf('\n');
  if (end === -1 && heard.length <= longestLine) return { talk: { ...talk, heard }, effects: [], rest: '' };
  const line = end === -1 ? heard.slice(0, 100) : heard.slice(0, end);
  const length = end === -1 ? null : readLength(line.slice(resultWordLength));
  if (length === null) {
    const lost = lose({ name, talk });
    const bad: ListenerEffect = { do: 'log', level: 'warn', text: `${name}: bad result line: '${shown(line)}'` };
    return { ...lost, effects: [bad, ...lost.effects, { do: 'settle', accepted: false }] };
  }
  return {
    talk: { ...talk, heard: '', result: { length, got: 0, start: '' } },
    effects: [],
    rest: heard.slice(end + 1),
  };
}

function hearResult({ name, talk, result }: Listener<In<'BUSY'>> & { readonly result: Result }, bytes: string): Step {
  const its = bytes.slice(0, result.length - result.got);
  const rest = bytes.slice(its.length);
  const got = result.got + its.length;
  const start = (result.start + its).slice(0, 3);
  if (got < result.length) return { talk: { ...talk, result: { ...result, got, start } }, effects: [], rest };
  const accepted = start === 'OK';
  const verdict: ListenerEffect = accepted
    ? { do: 'log', level: 'debug', text: `${name}: event was processed` }
    : { do: 'log', level: 'warn', text: `${name}: event was rejected` };
  const effects = [verdict, changed(name, 'BUSY', 'ACKNOWLEDGED'), { do: 'settle', accepted } as const];
  return { talk: firstTalk, effects, rest };
}

/** It broke the protocol: nothing it says counts any more until it is started anew. */
function lose({ name, talk }: Listener): Step {
  const text =
    `${name}: has entered the UNKNOWN state and will no longer receive events, ` +
    'this usually indicates the process violated the eventlistener protocol';
  const effects = [changed(name, talk.is, 'UNKNOWN'), { do: 'log', level: 'warn', text } as const];
  return { talk: { is: 'UNKNOWN' }, effects, rest: '' };
}

function changed(name: string, from: Talk['is'], to: Talk['is']): ListenerEffect {
  return { do: 'log', level: 'debug', text: `${name}: ${from} -> ${to}` };
}

/** Null for what is no number, and for less than 0. */
function readLength(text: string): number | null {
  const length = readInteger(text);
  return length === null || length < 0 ? null : length;
}

function shown(line: string): string {
  return outputText(Uint8Array.from(line, (character) => character.charCodeAt(0)));
}

// One pool of event listeners: the events that wait, and who of its processes gets the next. The rules and the texts are
// supervisord's (its process.py `EventListenerPool`), but nobody polls: events go out in the moment in which there is both
// an event and somebody who is ready. What a pool keeps is bounded: buffer_size events, and one in flight per process; while
// children are not read until there is room (pool-patience.ts), what they had said by then as well.

import type { Clock } from '../base/clock.ts';
import { type EventTypeName, lineage } from '../base/event-types.ts';
import type { ProcessStateName } from '../base/states.ts';
import { EventQueue } from './event-queue.ts';
import type { ProcessStateEvent } from './events.ts';
import {
  busyTalk,
  firstTalk,
  hear,
  isPlainAcceptance,
  readyTalk,
  type ListenerEffect,
  type Talk,
} from './listener-protocol.ts';
import { envelope, type OutputType } from './payload.ts';
import { PoolPatience } from './pool-patience.ts';
import { Serial } from './serial.ts';

/** A process of the pool. */
export interface ListenerProcess {
  readonly config: { readonly name: string };
  readonly wireState: ProcessStateName;
  /** What was sent before has not left the daemon yet: the process does not read. */
  readonly isStdinBusy: boolean;
  /** False when its stdin is closed. */
  sendEvent(bytes: Buffer): boolean;
}

export type ListenerLog = Readonly<Record<'debug' | 'warn' | 'error', (text: string) => void>> & {
  isEnabled(level: 'debug'): boolean;
};

/** An event as all pools share it. */
export interface NumberedEvent {
  readonly serial: number;
  readonly type: EventTypeName;
  readonly payload: string;
}

export interface PoolOptions {
  readonly name: string;
  readonly events: readonly EventTypeName[];
  readonly bufferSize: number;
  /** Of the daemon. */
  readonly identifier: string;
  /** In the order in which they are asked. */
  readonly processes: readonly ListenerProcess[];
  readonly log: ListenerLog;
  readonly clock: Pick<Clock, 'after'>;
}

/** Events of a child that can be made to wait. */
const ofOutput: ReadonlySet<EventTypeName> = new Set<OutputType>([
  'PROCESS_LOG_STDOUT',
  'PROCESS_LOG_STDERR',
  'PROCESS_COMMUNICATION_STDOUT',
  'PROCESS_COMMUNICATION_STDERR',
]);

/** What may wait beyond the buffer: what the pipe of a child that has died can hold in small messages, and more. */
const beyondBufferBytes = 8 * 1024 * 1024;
/** What an event costs beside its payload, roughly. */
const eventBytes = 200;

interface PooledEvent extends NumberedEvent {
  readonly poolSerial: number;
}

interface Member {
  readonly process: ListenerProcess;
  talk: Talk;
  inFlight: PooledEvent | null;
}

export class ListenerPool {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #members: ReadonlyMap<string, Member>;
  readonly #serial = new Serial();
  readonly #buffer = new EventQueue<PooledEvent>();
  readonly #patience: PoolPatience;
  #discarded = 0;
  /** All that waits, and how much that was when it became too much for the buffer. */
  #bytes = 0;
  #bytesInBuffer = 0;

  constructor(options: PoolOptions) {
    this.name = options.name;
    this.#options = options;
    this.#patience = new PoolPatience(options.clock, () => this.#giveUpWaiting());
    this.#members = new Map(
      options.processes.map((process) => [process.config.name, { process, talk: firstTalk, inFlight: null }]),
    );
  }

  /** Events that wait for somebody who is ready. */
  get waiting(): number {
    return this.#buffer.length;
  }

  /** Events that found no room so far. */
  get discarded(): number {
    return this.#discarded;
  }

  /** How many times the pool wants an event of this type: once for each of its subscriptions that has it. */
  subscriptionsTo(type: EventTypeName): number {
    return lineage(type).filter((each) => this.#options.events.includes(each)).length;
  }

  /** Takes an event into the buffer, `times` times; `dispatch` sends it. */
  accept(event: NumberedEvent, times: number): void {
    const { serial, type, payload } = event;
    const pooled = { serial, type, payload, poolSerial: this.#serial.next() };
    this.#add(pooled, 'tail');
    for (let more = 1; more < times; more += 1) this.#addAgain(pooled, 'tail');
  }

  /** One of its processes changed its state. */
  processChanged({ process, to }: ProcessStateEvent): void {
    const member = this.#members.get(process);
    if (member === undefined) return;
    if (to === 'STARTING') member.talk = firstTalk;
    // It died before it answered.
    if (to === 'EXITED' || to === 'STOPPED') this.#settle(member, { accepted: false });
    if (this.#patience.isOn && ![...this.#members.values()].some(hasPromise)) this.#giveUpWaiting();
  }

  /** One of its processes wrote to its stdout. */
  heard(process: string, bytes: Buffer): void {
    const member = this.#members.get(process);
    if (member === undefined || member.talk.is === 'UNKNOWN') return;
    // What nearly always comes, and then needs no look at each word: debug alone would tell the difference.
    if (isPlainAcceptance(member.talk, bytes) && !this.#options.log.isEnabled('debug')) {
      member.talk = readyTalk;
      this.#settle(member, { accepted: true });
      this.dispatch();
      return;
    }
    try {
      const { talk, effects } = hear({ name: process, talk: member.talk }, bytes.toString('latin1'));
      member.talk = talk;
      for (const effect of effects) this.#carryOut(effect, member);
    } catch (error) {
      // A bug: nobody knows any more what the listener means. Its event is for another one.
      member.talk = { is: 'UNKNOWN' };
      this.#settle(member, { accepted: false });
      throw error;
    } finally {
      this.dispatch();
    }
  }

  /** Sends what waits, the oldest first, as long as somebody is ready. */
  dispatch(): void {
    if (this.#buffer.length === 0 || !this.#someoneIsReady()) return;
    for (let event = this.#buffer.peek(); event !== undefined; event = this.#buffer.peek()) {
      if (!this.#send(event)) {
        this.#noteRebuffering(event, this.#buffer.length - 1);
        break;
      }
      this.#take();
    }
    if (this.#patience.isOn && this.#buffer.length < this.#options.bufferSize) this.#patience.end();
  }

  /** Null when a child whose events it gets may be read; else calls back when that may have changed, see ListenerPools. */
  awaitRoom(callback: () => void): (() => void) | null {
    return this.#patience.isOn ? this.#patience.wait(callback) : null;
  }

  /** Nobody waits for it any more. */
  close(): void {
    this.#patience.end();
  }

  /** Whether every event is answered, or nobody is there any more who could take what waits. */
  isSettled(): boolean {
    const members = [...this.#members.values()].filter(({ process }) => process.wireState === 'RUNNING');
    if (!members.some(({ talk }) => talk.is !== 'UNKNOWN')) return true;
    return this.#buffer.length === 0 && members.every(({ inFlight }) => inFlight === null);
  }

  #carryOut(effect: ListenerEffect, member: Member): void {
    switch (effect.do) {
      case 'log':
        return this.#options.log[effect.level](effect.text);
      case 'settle':
        return this.#settle(member, effect);
    }
  }

  #settle(member: Member, { accepted }: { readonly accepted: boolean }): void {
    const event = member.inFlight;
    member.inFlight = null;
    if (event !== null && accepted) this.#patience.answered();
    if (event !== null && !accepted) this.#addAgain(event, 'head');
  }

  #addAgain(event: PooledEvent, end: 'head' | 'tail'): void {
    this.#noteRebuffering(event, this.#buffer.length);
    this.#add(event, end);
  }

  #noteRebuffering({ serial }: PooledEvent, others: number): void {
    const { name, bufferSize, log } = this.#options;
    if (!log.isEnabled('debug')) return;
    log.debug(`rebuffering event ${serial} for pool ${name} (buf size=${others}, max=${bufferSize})`);
  }

  #add(event: PooledEvent, end: 'head' | 'tail'): void {
    if (this.#buffer.length >= this.#options.bufferSize && !this.#mayExceed(event)) this.#discardOldest();
    this.#bytes += event.payload.length + eventBytes;
    if (end === 'head') this.#buffer.putBack(event);
    else this.#buffer.add(event);
  }

  /** Whether an event for which there is no room waits beside the buffer, while the child that it is of is not read. */
  #mayExceed({ type }: PooledEvent): boolean {
    if (this.#patience.isOn) return this.#bytes - this.#bytesInBuffer < beyondBufferBytes;
    if (!ofOutput.has(type) || this.#patience.isLost || ![...this.#members.values()].some(mayAnswer)) return false;
    this.#bytesInBuffer = this.#bytes;
    this.#patience.begin();
    return true;
  }

  /** The listeners are stuck or stopped: from here on it is as under supervisord. */
  #giveUpWaiting(): void {
    while (this.#buffer.length > this.#options.bufferSize) this.#discardOldest();
    this.#patience.end();
  }

  #discardOldest(): void {
    const { name, log } = this.#options;
    const discarded = this.#take();
    this.#discarded += 1;
    log.error(`pool ${name} event buffer overflowed, discarding event ${discarded?.serial}`);
  }

  #take(): PooledEvent | undefined {
    const event = this.#buffer.take();
    if (event !== undefined) this.#bytes -= event.payload.length + eventBytes;
    return event;
  }

  #someoneIsReady(): boolean {
    for (const member of this.#members.values()) if (isReady(member)) return true;
    return false;
  }

  #send(event: PooledEvent): boolean {
    const { name: pool, identifier, log } = this.#options;
    for (const member of this.#members.values()) {
      if (!isReady(member)) continue;
      const { name } = member.process.config;
      const message = Buffer.from(envelope({ ...event, identifier, pool }) + event.payload);
      if (!member.process.sendEvent(message)) {
        log.debug(`epipe occurred while sending event ${event.serial} to listener ${name}, listener state unchanged`);
        continue;
      }
      member.talk = busyTalk;
      member.inFlight = event;
      if (log.isEnabled('debug')) log.debug(`event ${event.serial} sent to listener ${name}`);
      return true;
    }
    return false;
  }
}

function isReady({ process, talk }: Member): boolean {
  return process.wireState === 'RUNNING' && talk.is === 'READY' && !process.isStdinBusy;
}

/** Whether it may answer an event in the near future. */
function mayAnswer({ process: { wireState }, talk }: Member): boolean {
  return (wireState === 'RUNNING' || wireState === 'STARTING') && talk.is !== 'UNKNOWN';
}

/** Whether it lives, or is about to again. */
function hasPromise({ process: { wireState } }: Member): boolean {
  return wireState === 'RUNNING' || wireState === 'STARTING' || wireState === 'BACKOFF' || wireState === 'EXITED';
}

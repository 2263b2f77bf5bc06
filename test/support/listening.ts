// Pools of event listeners whose processes are played by the test.

import type { EventTypeName } from '../../src/base/event-types.ts';
import type { ProcessStateName } from '../../src/base/states.ts';
import { EventBus } from '../../src/events/events.ts';
import type { ListenerProcess } from '../../src/events/listener-pool.ts';
import { ListenerPools } from '../../src/events/listener-pools.ts';
import { Serial } from '../../src/events/serial.ts';
import { FakeClock } from './fake-clock.ts';

/** A listener that does what the test says. */
export class PlayedListener implements ListenerProcess {
  readonly config: { readonly name: string };
  readonly #sent: string[] = [];
  wireState: ProcessStateName = 'RUNNING';
  isStdinBusy = false;
  isStdinClosed = false;

  constructor(name: string) {
    this.config = { name };
  }

  sendEvent(bytes: Buffer): boolean {
    if (this.isStdinClosed) return false;
    this.#sent.push(bytes.toString());
    return true;
  }

  /** Whole messages, since the last time they were taken. */
  takeMessages(): string[] {
    return this.#sent.splice(0);
  }

  /** `serial/poolserial type`, since the last time they were taken. */
  take(): string[] {
    return this.takeMessages().map((message) =>
      message.replace(
        /^ver:3\.0 server:\w+ serial:(\d+) pool:\S+ poolserial:(\d+) eventname:(\w+) len:\d+\n[^]*$/,
        '$1/$2 $3',
      ),
    );
  }
}

/** Pools on a bus of their own; `say` is what a listener writes to its stdout. */
export function makePools({ logsDebug = true }: { readonly logsDebug?: boolean } = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const note =
    (level: string) =>
    (text: string): void =>
      void lines.push(`${level} ${text}`);
  const bus = new EventBus((error) => {
    throw error;
  });
  const log = { debug: note('debug'), warn: note('warn'), error: note('error'), isEnabled: () => logsDebug };
  const serial = new Serial();
  const pools = new ListenerPools({ bus, clock, log, serial, identifier: 'me' });
  /** Adds a pool of listeners that are RUNNING but have not said anything. */
  const add = (
    name: string,
    { events, bufferSize = 10, processes = [name] }: Partial<Adding> & Pick<Adding, 'events'>,
  ): PlayedListener[] => {
    const listeners = processes.map((process) => new PlayedListener(process));
    pools.add({ name, listener: { events, bufferSize } }, listeners);
    return listeners;
  };
  const say = (group: string, text: string, process = group): void =>
    pools.heard({ group, process }, Buffer.from(text));
  /** Tells of a process's new state; a listener also takes it on. */
  const become = (process: string | PlayedListener, to: ProcessStateName, group?: string): void => {
    const name = typeof process === 'string' ? process : process.config.name;
    if (typeof process !== 'string') process.wireState = to;
    const event = {
      process: name,
      group: group ?? name,
      from: 'RUNNING',
      to,
      tries: 0,
      pid: 7,
      expected: false,
    } as const;
    bus.emit({ type: 'PROCESS_STATE', ...event });
  };
  const remote = (data: string): void => bus.emit({ type: 'REMOTE_COMMUNICATION', kind: 't', data });
  return { clock, lines, log, bus, pools, serial, add, say, become, remote };
}

interface Adding {
  readonly events: readonly EventTypeName[];
  readonly bufferSize: number;
  readonly processes: readonly string[];
}

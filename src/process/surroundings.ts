// What a supervised process is given by the one who makes it (make-process.ts), and the order among processes as one of them
// asks for it.

import type { Clock } from '../base/clock.ts';
import type { SupervisorEvent } from '../events/events.ts';
import type { Logger } from '../logs/logger.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import type { ProcessChannels } from './channels.ts';
import type { Host } from './host.ts';
import type { ManagedProcess } from './managed-process.ts';
import type { SharedSocket } from './shared-socket.ts';

/** The order among processes, as one of them asks for it. */
export interface StartOrder {
  /**
   * Before a start: sees to it that what the process depends on is started, and answers in words what it must wait for;
   * null when there is nothing. Those that have failed are tried once more only when somebody asked for this start.
   */
  prepare(process: ManagedProcess, options: { readonly isAskedFor: boolean }): string | null;
  /** What it waits for now, in words; '' when it does not wait. */
  describeWait(process: ManagedProcess): string;
  /** An event was answered to its end: what follows from it for others can follow now. */
  settled(process: ManagedProcess, moment: Moment): void;
}

/** What a process went through while it answered one event: it may be gone again when others look. */
export interface Moment {
  readonly wasReady: boolean;
  readonly wasCompleted: boolean;
}

/** Who looks after a process while it is up. */
export interface Watchdog {
  /** An event was answered to its end: there may be a new child to look after, or none any more. */
  settled(process: ManagedProcess): void;
}

/** What a process is given by the one who makes it. */
export interface ProcessSurroundings {
  readonly group: string;
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A bug on the way of one effect does not keep the others from happening. */
  readonly mishaps: Pick<Mishaps, 'guard'>;
  readonly channels: ProcessChannels;
  /** The daemon's socket that the child is given; null for none. */
  readonly socket: Pick<SharedSocket, 'acquire' | 'release' | 'becomes'> | null;
  /** The whole environment of the child, made at each start, or why it cannot be. */
  readonly environment: () => { readonly variables: Readonly<Record<string, string>> } | { readonly error: string };
  /** What the next run and all of its descendants carry; null where no option asks for its tree. */
  readonly newMark: (() => number) | null;
  readonly order: StartOrder;
  /** Null where no option asks for it. */
  readonly watchdog: Watchdog | null;
  /** False while the daemon shuts down or restarts. */
  mayStart(): boolean;
  emit(event: SupervisorEvent): void;
}

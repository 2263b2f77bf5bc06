// A process's stdin, stdout and stderr: where its output goes, opened at each start and drained at each end.
// The log files stay open while any pipe of a run is (a grandchild may hold it), and while what was written waits for the
// reader of a FIFO; a new run gets new pipes.

import type { ChildStream, SpawnedChild } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';
import { errorCode } from '../base/system-error.ts';
import { Output, type PauseReason, type SharedReading } from '../logs/output.ts';
import { LogFile } from '../logs/log-file.ts';
import { descriptorOf } from '../logs/open-log.ts';
import { autoLogMode } from '../logs/auto-log.ts';
import type { Logger } from '../logs/logger.ts';
import type { Mishaps } from '../logs/mishaps.ts';
import type { LogTarget, ProgramOptions } from '../config/options.ts';
import type { ProcessOutputEvent } from '../events/events.ts';
import { type Destination, destinationOf, rotationProblem } from './destination.ts';
import { type AwaitRoom, EventPressure } from './event-pressure.ts';
import { createListenerRoute, type ListenerEar } from './listener-route.ts';
import { type ChannelName, createOutputRoute, type OutputRoute } from './output-route.ts';
import { ChildStdin } from './stdin.ts';

/** Where a new child's streams go, or supervisord's sentence why a log could not be opened. */
export type OpenedChannels =
  | { readonly stdout: Exclude<ChildStream, 'same-as-stdout'>; readonly stderr: ChildStream }
  | { readonly error: string };

/** What a ManagedProcess needs of its channels. */
export interface ProcessChannels {
  readonly stdoutLog: string | null;
  readonly stderrLog: string | null;
  /** What could not be written to its logs so far. */
  readonly lostLogBytes: number;
  open(): OpenedChannels;
  attach(child: SpawnedChild): void;
  /** The child is told to end: it is read whoever cannot take its events. */
  readOn(): void;
  /** The child is dead: takes what is left in its pipes without waiting. */
  finish(): void;
  /** False when there is no stdin to write to. */
  writeStdin(bytes: Buffer): boolean;
  /** How many of the bytes that were written wait for the child to read. */
  readonly stdinWaiting: number;
  clear(): void;
  reopen(): void;
  close(): void;
}

export interface ChannelsSetting {
  readonly name: string;
  readonly group: string;
  readonly options: ProgramOptions;
  readonly logger: Logger;
  /** An error over one piece of output is logged, and the next piece is taken. */
  readonly mishaps: Pick<Mishaps, 'guard'>;
  readonly clock: Clock;
  readonly reading: SharedReading;
  /** [supervisord] strip_ansi, asked at each start. A getter would cost each process 1 KB. */
  readonly stripAnsi: () => boolean;
  /** Whether the daemon logs at debug: then all output is copied to its log, as supervisord does. */
  readonly copyToLog: boolean;
  /** Who hears the protocol that an event listener speaks on its stdout; null for what is no event listener. */
  readonly listener: ListenerEar | null;
  /** The system's log; null where it cannot be reached. */
  readonly syslog: ChildSyslog | null;
  /** The path for an AUTO log. */
  autoLog(channel: ChannelName): string;
  /** Called with what was written where `*_events_enabled` or `*_capture_maxbytes` asks for it. */
  readonly emit: (event: ProcessOutputEvent) => void;
  /** Asked after each event. */
  readonly awaitRoom: AwaitRoom;
}

/** The system's log as a child's output needs it. */
export interface ChildSyslog {
  writeLines(prefix: string, chunk: Buffer): void;
  /** Calls back when children should wait (true) and may go on (false); answers how to end that. */
  onPressure(listener: (isFull: boolean) => void): () => void;
}

/** One pipe that is read. */
interface Reading {
  readonly channel: ChannelName;
  /** Nothing more will come from it. */
  end(): void;
}

/** A channel of one run. */
interface ChildChannel {
  readonly channel: ChannelName;
  readonly pid: number;
}

/** The real channels of one process. */
export class Channels implements ProcessChannels {
  readonly stdoutLog: string | null;
  readonly stderrLog: string | null;
  readonly #setting: ChannelsSetting;
  readonly #logs: Record<ChannelName, LogFile | null> = { stdout: null, stderr: null };
  /** Pipes that are still open, of this run and of earlier ones that a grandchild keeps open. */
  readonly #outputs = new Map<Output, Reading>();
  /** The child that lives: only it speaks for an event listener. */
  #speaker: number | null = null;
  #stdin: ChildStdin | null = null;
  #alive = false;
  #isEnding = false;
  /** Made for the few whose output becomes events. */
  #pressure: EventPressure | null = null;
  #lostLogBytes = 0;
  /** Logs that will be closed once their reader has taken what waits. */
  #unread: readonly LogFile[] = [];

  constructor(setting: ChannelsSetting) {
    this.#setting = setting;
    const { stdout_logfile, stderr_logfile, redirect_stderr } = setting.options;
    this.stdoutLog = this.#path('stdout', stdout_logfile);
    this.stderrLog = redirect_stderr ? null : this.#path('stderr', stderr_logfile);
    for (const channel of ['stdout', 'stderr'] as const) {
      const problem = rotationProblem(setting, { channel, path: this.#pathOf(channel) });
      if (problem !== null) setting.logger.warn(`${setting.name} ${channel}: ${problem}`);
    }
  }

  open(): OpenedChannels {
    const { options, copyToLog, stripAnsi, listener } = this.#setting;
    const { redirect_stderr } = options;
    const of = (channel: ChannelName): Destination =>
      destinationOf({ options, copyToLog, stripAnsi: stripAnsi(), listener }, { channel, path: this.#pathOf(channel) });
    const stdout = of('stdout');
    const stderr = redirect_stderr ? 'same-as-stdout' : of('stderr');
    try {
      if (stdout === 'pipe') this.#openLog('stdout', this.stdoutLog);
      if (stderr === 'pipe') this.#openLog('stderr', this.stderrLog);
    } catch (error) {
      // Not those that a grandchild of an earlier run still writes to.
      this.#closeLogsWhenDone();
      return { error: this.#sentence(error) };
    }
    return { stdout, stderr };
  }

  attach(child: SpawnedChild): void {
    this.#alive = true;
    this.#isEnding = false;
    this.#speaker = child.pid;
    if (child.stdin !== null) this.#stdin = new ChildStdin(child.stdin, () => this.#setting.listener?.drained());
    if (child.stdout !== null) this.#read(child.stdout, { channel: 'stdout', pid: child.pid });
    if (child.stderr !== null) this.#read(child.stderr, { channel: 'stderr', pid: child.pid });
  }

  readOn(): void {
    this.#isEnding = true;
    this.#pressure?.release();
  }

  finish(): void {
    this.#alive = false;
    this.#stdin?.close();
    this.#stdin = null;
    // A Map may lose entries while it is walked: drain() ends an output that is at its end.
    for (const output of this.#outputs.keys()) output.drain();
    this.#speaker = null;
    this.#closeLogsWhenDone();
  }

  writeStdin(bytes: Buffer): boolean {
    return this.#stdin?.write(bytes) ?? false;
  }

  get lostLogBytes(): number {
    return this.#lostLogBytes;
  }

  get stdinWaiting(): number {
    return this.#stdin?.waiting ?? 0;
  }

  clear(): void {
    this.#logs.stdout?.clear();
    this.#logs.stderr?.clear();
  }

  reopen(): void {
    this.#logs.stdout?.reopen();
    this.#logs.stderr?.reopen();
  }

  close(): void {
    for (const [output, reading] of this.#outputs) {
      output.close();
      reading.end();
    }
    this.#outputs.clear();
    this.#stdin?.close();
    this.#closeLog('stdout');
    this.#closeLog('stderr');
  }

  #pathOf(channel: ChannelName): string | null {
    return channel === 'stdout' ? this.stdoutLog : this.stderrLog;
  }

  #path(channel: ChannelName, target: LogTarget): string | null {
    if (target.kind === 'file') return target.path;
    return target.kind === 'auto' ? this.#setting.autoLog(channel) : null;
  }

  #openLog(channel: ChannelName, path: string | null): void {
    if (path === null || this.#logs[channel] !== null) return;
    const { options, logger, name, clock, reading } = this.#setting;
    this.#logs[channel] = new LogFile({
      path,
      clock,
      // Of the daemon's own streams it was said when the process was made, not at each start.
      maxBytes: descriptorOf(path) === null ? options[`${channel}_logfile_maxbytes`] : 0,
      backups: options[`${channel}_logfile_backups`],
      ...(options[`${channel}_logfile`].kind === 'auto' && { mode: autoLogMode }),
      onTrouble: (text) => logger.warn(`${name} ${channel}: ${text}`),
      onLost: (bytes) => (this.#lostLogBytes += bytes),
      onPressure: (isFull) => this.#hold(channel, isFull),
      linger: reading.linger,
    });
  }

  #route({ channel, pid }: ChildChannel, emit: (event: ProcessOutputEvent) => void): OutputRoute {
    const { name, group, options, logger, copyToLog, listener, syslog } = this.#setting;
    const stripAnsi = this.#setting.stripAnsi();
    const log = (): LogFile | null => this.#logs[channel];
    if (channel === 'stdout' && listener !== null) {
      const heard = (bytes: Buffer): void => void (this.#speaker === pid && listener.heard(bytes));
      return createListenerRoute({ name, logger, stripAnsi, copyToLog, log, heard });
    }
    return createOutputRoute({ name, group, channel, pid, options, logger, stripAnsi, copyToLog, log, syslog, emit });
  }

  #read(fd: number, { channel, pid }: ChildChannel): void {
    const { reading, options, syslog, listener, mishaps } = this.#setting;
    const route = this.#route({ channel, pid }, (event) => {
      this.#setting.emit(event);
      // A listener that had to wait for its own pool would wait for itself.
      if (listener !== null || this.#isEnding) return;
      this.#pressure ??= new EventPressure(this.#setting.awaitRoom);
      this.#pressure.emitted(output, event);
    });
    const isProtocol = channel === 'stdout' && listener !== null;
    const output: Output = new Output({
      fd,
      shared: reading,
      // A listener's answers are waited for.
      delivery: isProtocol ? 'at-once' : 'coalesced',
      write: (chunk) => mishaps.guard(() => route.write(chunk)),
      onEnd: () => {
        this.#outputs.get(output)?.end();
        this.#outputs.delete(output);
        this.#closeLogsWhenDone();
      },
    });
    const isHeard = !isProtocol && options[`${channel}_syslog`] && syslog !== null;
    const release = isHeard ? syslog.onPressure((isFull) => hold(output, { by: 'syslog', isFull })) : null;
    const end = (): void => {
      release?.();
      route.finish();
      this.#pressure?.forget(output);
    };
    this.#outputs.set(output, { channel, end });
    // What an earlier run left for a reader still waits.
    if (this.#logs[channel]?.isFull === true) output.pause('log');
  }

  /** A log that is a full pipe: its child waits, as if it wrote there itself. */
  #hold(channel: ChannelName, isFull: boolean): void {
    for (const [output, its] of this.#outputs) {
      if (its.channel === channel) hold(output, { by: 'log', isFull });
    }
  }

  #closeLogsWhenDone(): void {
    if (this.#alive || this.#outputs.size > 0) return;
    for (const channel of ['stdout', 'stderr'] as const) {
      const log = this.#logs[channel];
      if (log?.isBusy === true) void this.#closeWhenRead(log);
      else this.#closeLog(channel);
    }
  }

  /** What the last run said belongs before what the next one will say: until it is read both share one queue. */
  async #closeWhenRead(log: LogFile): Promise<void> {
    if (this.#unread.includes(log)) return;
    this.#unread = [...this.#unread, log];
    await log.settled();
    this.#unread = this.#unread.filter((each) => each !== log);
    this.#closeLogsWhenDone();
  }

  #closeLog(channel: ChannelName): void {
    this.#logs[channel]?.close();
    this.#logs[channel] = null;
  }

  #sentence(error: unknown): string {
    const { name } = this.#setting;
    const code = errorCode(error);
    if (code === 'EMFILE') return `too many open files to spawn '${name}'`;
    return `unknown error making dispatchers for '${name}': ${code}`;
  }
}

function hold(output: Output, { by, isFull }: { readonly by: PauseReason; readonly isFull: boolean }): void {
  if (isFull) output.pause(by);
  else output.resume(by);
}

// A process's stdin, stdout and stderr: where its output goes, opened at each start and drained at each end.
// The log files stay open while any pipe of a run is (a grandchild may hold it); a new run gets new pipes.

import { Output } from '../logs/output.ts';
import { LogFile } from '../logs/log-file.ts';
import { createAnsiStripper } from '../logs/strip-ansi.ts';
import type { Logger } from '../logs/logger.ts';
import type { LogTarget, ProgramOptions } from '../config/options.ts';
import type { ChildStream, SpawnedChild } from './host.ts';
import { ChildStdin } from './stdin.ts';

type ChannelName = 'stdout' | 'stderr';

/** Where a new child's streams go, or supervisord's sentence why a log could not be opened. */
export type OpenedChannels =
  | { readonly stdout: Exclude<ChildStream, 'same-as-stdout'>; readonly stderr: ChildStream }
  | { readonly error: string };

/** What a ManagedProcess needs of its channels. */
export interface ProcessChannels {
  readonly stdoutLog: string | null;
  readonly stderrLog: string | null;
  open(): OpenedChannels;
  attach(child: SpawnedChild): void;
  /** The child is dead: takes what is left in its pipes without waiting. */
  finish(): void;
  /** False when there is no stdin to write to. */
  writeStdin(bytes: Buffer): boolean;
  clear(): void;
  reopen(): void;
  close(): void;
}

export interface ChannelsSetting {
  readonly name: string;
  readonly options: ProgramOptions;
  readonly logger: Logger;
  /** [supervisord] strip_ansi. */
  readonly stripAnsi: boolean;
  /** Whether the daemon logs at debug: then all output is copied to its log, as supervisord does. */
  readonly copyToLog: boolean;
  /** The path for an AUTO log. */
  autoLog(channel: ChannelName): string;
}

const daemonStdout = new Set(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);
const daemonStderr = new Set(['/dev/stderr', '/dev/fd/2', '/proc/self/fd/2']);

/** The real channels of one process. */
export class Channels implements ProcessChannels {
  readonly stdoutLog: string | null;
  readonly stderrLog: string | null;
  readonly #setting: ChannelsSetting;
  readonly #logs: Record<ChannelName, LogFile | null> = { stdout: null, stderr: null };
  /** Pipes that are still open, of this run and of earlier ones that a grandchild keeps open. */
  readonly #outputs = new Set<Output>();
  #stdin: ChildStdin | null = null;
  #alive = false;

  constructor(setting: ChannelsSetting) {
    this.#setting = setting;
    const { stdout_logfile, stderr_logfile, redirect_stderr } = setting.options;
    this.stdoutLog = this.#path('stdout', stdout_logfile);
    this.stderrLog = redirect_stderr ? null : this.#path('stderr', stderr_logfile);
  }

  open(): OpenedChannels {
    const { redirect_stderr } = this.#setting.options;
    const stdout = this.#destination('stdout');
    const stderr = redirect_stderr ? 'same-as-stdout' : this.#destination('stderr');
    try {
      if (stdout === 'pipe') this.#openLog('stdout', this.stdoutLog);
      if (stderr === 'pipe') this.#openLog('stderr', this.stderrLog);
    } catch (error) {
      this.#closeLogs();
      return { error: this.#sentence(error) };
    }
    return { stdout, stderr };
  }

  attach(child: SpawnedChild): void {
    this.#alive = true;
    if (child.stdin !== null) this.#stdin = new ChildStdin(child.stdin);
    if (child.stdout !== null) this.#read('stdout', child.stdout);
    if (child.stderr !== null) this.#read('stderr', child.stderr);
  }

  finish(): void {
    this.#alive = false;
    this.#stdin?.close();
    this.#stdin = null;
    for (const output of this.#outputs) output.drain();
    this.#closeLogsWhenDone();
  }

  writeStdin(bytes: Buffer): boolean {
    return this.#stdin?.write(bytes) ?? false;
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
    for (const output of this.#outputs) output.close();
    this.#outputs.clear();
    this.#stdin?.close();
    this.#closeLogs();
  }

  #path(channel: ChannelName, target: LogTarget): string | null {
    if (target.kind === 'file') return target.path;
    return target.kind === 'auto' ? this.#setting.autoLog(channel) : null;
  }

  /** The child gets the daemon's own descriptor where nothing has to see the bytes (docs/architecture.md, output). */
  #destination(channel: ChannelName): 'pipe' | 'daemon-stdout' | 'daemon-stderr' | 'null' {
    const { options, copyToLog, stripAnsi: strip } = this.#setting;
    const path = channel === 'stdout' ? this.stdoutLog : this.stderrLog;
    const seen = copyToLog || options[`${channel}_events_enabled`] || options[`${channel}_capture_maxbytes`] > 0;
    if (seen || options[`${channel}_syslog`]) return 'pipe';
    if (path === null) return 'null';
    if (strip || options[`${channel}_logfile_maxbytes`] > 0) return 'pipe';
    if (daemonStdout.has(path)) return 'daemon-stdout';
    return daemonStderr.has(path) ? 'daemon-stderr' : 'pipe';
  }

  #openLog(channel: ChannelName, path: string | null): void {
    if (path === null || this.#logs[channel] !== null) return;
    const { options, logger, name } = this.#setting;
    this.#logs[channel] = new LogFile({
      path,
      maxBytes: options[`${channel}_logfile_maxbytes`],
      backups: options[`${channel}_logfile_backups`],
      onTrouble: (text) => logger.warn(`${name} ${channel}: ${text}`),
    });
  }

  #read(channel: ChannelName, fd: number): void {
    const { copyToLog, stripAnsi: strip, logger, name } = this.#setting;
    const clean = strip ? createAnsiStripper() : null;
    const output: Output = new Output({
      fd,
      write: (bytes) => {
        const kept = clean === null ? bytes : clean(bytes);
        this.#logs[channel]?.write(kept);
        if (copyToLog) logger.debug(`'${name}' ${channel} output:\n${kept.toString()}`);
      },
      onEnd: () => {
        this.#outputs.delete(output);
        this.#closeLogsWhenDone();
      },
    });
    this.#outputs.add(output);
  }

  #closeLogsWhenDone(): void {
    if (!this.#alive && this.#outputs.size === 0) this.#closeLogs();
  }

  #closeLogs(): void {
    this.#logs.stdout?.close();
    this.#logs.stderr?.close();
    this.#logs.stdout = null;
    this.#logs.stderr = null;
  }

  #sentence(error: unknown): string {
    const { name } = this.#setting;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EMFILE') return `too many open files to spawn '${name}'`;
    return `unknown error making dispatchers for '${name}': ${code}`;
  }
}

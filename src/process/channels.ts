// A process's stdin, stdout and stderr: where its output goes, opened at each start and drained at each end.
// The log files stay open while any pipe of a run is (a grandchild may hold it); a new run gets new pipes.

import { Output } from '../logs/output.ts';
import { LogFile } from '../logs/log-file.ts';
import { stripAnsi } from '../logs/strip-ansi.ts';
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

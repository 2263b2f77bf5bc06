// Where a channel of a child goes: to a pipe that the daemon reads, straight to the daemon's own stdout or stderr
// (docs/architecture.md, decisions), or nowhere. Pure but for links that are followed to /dev/stdout.

import type { ProgramOptions } from '../config/options.ts';
import { cannotRotate } from '../logs/log-file.ts';
import { descriptorOf } from '../logs/open-log.ts';
import type { ChannelName } from './output-route.ts';

/** What becomes the child's descriptor. */
export type Destination = 'pipe' | 'daemon-stdout' | 'daemon-stderr' | 'null';

/** One channel and its log; null for none. */
export interface LoggedChannel {
  readonly channel: ChannelName;
  readonly path: string | null;
}

/** What decides it beside the channel itself. */
export interface DestinationSetting {
  readonly options: ProgramOptions;
  readonly copyToLog: boolean;
  readonly stripAnsi: boolean;
  readonly listener: unknown;
}

/** The child gets the daemon's own descriptor where nothing has to see the bytes. */
export function destinationOf(setting: DestinationSetting, { channel, path }: LoggedChannel): Destination {
  const { options, copyToLog, stripAnsi, listener } = setting;
  const isSeen =
    (channel === 'stdout' && listener !== null) ||
    copyToLog ||
    options[`${channel}_events_enabled`] ||
    options[`${channel}_capture_maxbytes`] > 0 ||
    options[`${channel}_syslog`];
  if (isSeen) return 'pipe';
  if (path === null) return 'null';
  if (stripAnsi) return 'pipe';
  const descriptor = descriptorOf(path);
  if (descriptor === 1) return 'daemon-stdout';
  return descriptor === 2 ? 'daemon-stderr' : 'pipe';
}

/** maxbytes stands at its default of 50MB in many a container's file; supervisord breaks the channel over it. */
export function rotationProblem(
  { options }: Pick<DestinationSetting, 'options'>,
  { channel, path }: LoggedChannel,
): string | null {
  if (path === null || descriptorOf(path) === null || options[`${channel}_logfile_maxbytes`] === 0) return null;
  return cannotRotate(path);
}

// What becomes of the bytes of one channel of one child, in supervisord's order (its dispatchers.py `_log`): terminal
// sequences out, then the log (or what is captured), a copy in the daemon's log at debug, an event.

import { outputText, pythonRepr } from '../base/python-text.ts';
import type { ProgramOptions } from '../config/options.ts';
import type { ProcessOutputEvent } from '../events/events.ts';
import { CaptureStore, createTokenSplitter, type TokenSplitter } from '../logs/capture.ts';
import type { Logger } from '../logs/logger.ts';
import { createAnsiStripper } from '../logs/strip-ansi.ts';

export type ChannelName = 'stdout' | 'stderr';

/** Takes what one child writes to one channel. */
export interface OutputRoute {
  readonly channel: ChannelName;
  /** The bytes are only good until the call returns. */
  write(chunk: Buffer): void;
  /** Nothing more will come. */
  finish(): void;
}

export interface OutputRouteSetting {
  readonly name: string;
  readonly group: string;
  readonly channel: ChannelName;
  /** Of the child that writes, also when a later one lives already. */
  readonly pid: number;
  readonly options: ProgramOptions;
  readonly logger: Pick<Logger, 'debug'>;
  /** [supervisord] strip_ansi. */
  readonly stripAnsi: boolean;
  /** Whether the daemon logs at debug. */
  readonly copyToLog: boolean;
  /** The log as it is now; null when there is none. */
  log(): { write(bytes: Buffer): void } | null;
  /** The system's log where it can be reached; told of what `*_syslog` asks for. */
  readonly syslog: { writeLines(prefix: string, chunk: Buffer): void } | null;
  emit(event: ProcessOutputEvent): void;
}

/** The way of one channel's bytes, as the options of its process say. */
export function createOutputRoute(setting: OutputRouteSetting): OutputRoute {
  const { name, channel, options } = setting;
  const captureMaxBytes = options[`${channel}_capture_maxbytes`];
  const syslog = options[`${channel}_syslog`] ? setting.syslog : null;
  const toLog = (bytes: Buffer): void => {
    setting.log()?.write(bytes);
    syslog?.writeLines(`${name} `, bytes);
  };
  if (captureMaxBytes === 0) return { channel, write: createShow(setting, toLog), finish: () => undefined };
  const splitter = createCapture({ setting, toLog, store: new CaptureStore(captureMaxBytes) });
  return { channel, write: (chunk) => splitter.write(chunk), finish: () => splitter.finish() };
}

type Taker = (bytes: Buffer) => void;

/** Hands bytes on, stripped, and tells of them. Each has its own stripper: a sequence does not go on in what is captured. */
function createShow(setting: OutputRouteSetting, to: Taker): Taker {
  const { name, channel, options, logger, stripAnsi, copyToLog } = setting;
  const hasEvents = options[`${channel}_events_enabled`];
  const strip = stripAnsi ? createAnsiStripper() : null;
  return (bytes) => {
    const shown = strip === null ? bytes : strip(bytes);
    to(shown);
    if (copyToLog) logger.debug(`${pythonRepr(name)} ${channel} output:\n${outputText(shown)}`);
    if (hasEvents) setting.emit(outputEvent('PROCESS_LOG', { setting, data: shown }));
  };
}

interface Capturing {
  readonly setting: OutputRouteSetting;
  readonly toLog: Taker;
  readonly store: CaptureStore;
}

function createCapture({ setting, toLog, store }: Capturing): TokenSplitter {
  const { name, channel, logger } = setting;
  const emitted = `${pythonRepr(name)} ${channel} emitted a comm event`;
  return createTokenSplitter({
    outside: createShow(setting, toLog),
    inside: createShow(setting, (bytes) => store.add(bytes)),
    ended() {
      setting.emit(outputEvent('PROCESS_COMMUNICATION', { setting, data: store.take() }));
      logger.debug(emitted);
    },
    // A program that died in the middle of a message: what it said last is worth more in its log than nowhere.
    cutShort: () => toLog(store.take()),
  });
}

function outputEvent(
  type: ProcessOutputEvent['type'],
  { setting, data }: { readonly setting: OutputRouteSetting; readonly data: Buffer },
): ProcessOutputEvent {
  const { name, group, channel, pid } = setting;
  return { type, process: name, group, pid, channel, data };
}

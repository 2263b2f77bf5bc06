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
  readonly log: () => { write(bytes: Buffer): void } | null;
  /** The system's log where it can be reached; told of what `*_syslog` asks for. */
  readonly syslog: { writeLines(prefix: string, chunk: Buffer): void } | null;
  emit(event: ProcessOutputEvent): void;
}

/** The way of one channel's bytes, as the options of its process say. */
export function createOutputRoute(setting: OutputRouteSetting): OutputRoute {
  const captureMaxBytes = setting.options[`${setting.channel}_capture_maxbytes`];
  return captureMaxBytes === 0 ? new Show(setting, null) : createCapture(setting, new CaptureStore(captureMaxBytes));
}

/**
 * Hands bytes on, stripped, and tells of them: to the log, or to what is captured. Each has its own stripper: a sequence does
 * not go on in what is captured. Nearly every route is one, so it is one object and no closures.
 */
class Show implements OutputRoute {
  readonly #setting: OutputRouteSetting;
  readonly #store: CaptureStore | null;
  readonly #strip: ((bytes: Buffer) => Buffer) | null;

  constructor(setting: OutputRouteSetting, store: CaptureStore | null) {
    this.#setting = setting;
    this.#store = store;
    this.#strip = setting.stripAnsi ? createAnsiStripper() : null;
  }

  write(bytes: Buffer): void {
    const { name, channel, options, logger, copyToLog } = this.#setting;
    const shown = this.#strip === null ? bytes : this.#strip(bytes);
    if (this.#store === null) toLog(this.#setting, shown);
    else this.#store.add(shown);
    if (copyToLog) logger.debug(`${pythonRepr(name)} ${channel} output:\n${outputText(shown)}`);
    if (options[`${channel}_events_enabled`]) {
      this.#setting.emit(outputEvent('PROCESS_LOG', { setting: this.#setting, data: shown }));
    }
  }

  finish(): void {
    // Nothing waits.
  }
}

function toLog({ name, channel, options, log, syslog }: OutputRouteSetting, bytes: Buffer): void {
  log()?.write(bytes);
  if (options[`${channel}_syslog`]) syslog?.writeLines(`${name} `, bytes);
}

function createCapture(setting: OutputRouteSetting, store: CaptureStore): TokenSplitter {
  const { name, channel, logger } = setting;
  const emitted = `${pythonRepr(name)} ${channel} emitted a comm event`;
  const [outside, inside] = [new Show(setting, null), new Show(setting, store)];
  return createTokenSplitter({
    outside: (bytes) => outside.write(bytes),
    inside: (bytes) => inside.write(bytes),
    ended() {
      setting.emit(outputEvent('PROCESS_COMMUNICATION', { setting, data: store.take() }));
      logger.debug(emitted);
    },
    // A program that died in the middle of a message: what it said last is worth more in its log than nowhere.
    cutShort: () => toLog(setting, store.take()),
  });
}

function outputEvent(
  type: ProcessOutputEvent['type'],
  { setting, data }: { readonly setting: OutputRouteSetting; readonly data: Buffer },
): ProcessOutputEvent {
  const { name, group, channel, pid } = setting;
  return { type, process: name, group, pid, channel, data };
}

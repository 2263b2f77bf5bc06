// What becomes of the stdout of an event listener: it is the protocol that it speaks, and goes to its log as it comes, in
// supervisord's order (its dispatchers.py `PEventListenerDispatcher`). Capture, events and syslog mean nothing here.

import { pythonBytesRepr, pythonRepr } from '../base/python-text.ts';
import { createAnsiStripper } from '../logs/strip-ansi.ts';
import type { OutputRoute, OutputRouteSetting } from './output-route.ts';

/** The daemon's side of an event listener. */
export interface ListenerEar {
  /** The bytes are only good until the call returns. */
  heard(bytes: Buffer): void;
  /** What was written to its stdin and had to wait is with it now. */
  drained(): void;
}

export interface ListenerRouteSetting extends Pick<
  OutputRouteSetting,
  'name' | 'logger' | 'stripAnsi' | 'copyToLog' | 'log'
> {
  heard(bytes: Buffer): void;
}

/** The way of a listener's stdout. */
export function createListenerRoute(setting: ListenerRouteSetting): OutputRoute {
  const { name, logger, stripAnsi, copyToLog } = setting;
  const strip = stripAnsi ? createAnsiStripper() : null;
  return {
    write(chunk) {
      if (copyToLog) logger.debug(`${pythonRepr(name)} stdout output:\n${pythonBytesRepr(chunk)}`);
      setting.log()?.write(strip === null ? chunk : strip(chunk));
      setting.heard(chunk);
    },
    finish: () => undefined,
  };
}

// What an [eventlistener:x] section says of its pool: the events, the buffer, the handler of results. Read in supervisord's
// order and with its errors (its options.py `process_groups_from_parser`); the processes are read like a program's. Pure.

import { ConfigError } from '../base/errors.ts';
import { type EventTypeName, eventTypeNames, isEventType } from '../base/event-types.ts';
import type { IniSection } from './ini.ts';
import { type Message, warning } from './messages.ts';
import { badOption, type OptionSource, readOptions } from './option.ts';
import { listenerOptions, protocolOptions } from './options.ts';
import { closest } from './spelling.ts';

/** What a pool of event listeners has beyond a group. */
export interface ListenerOptions {
  /** What it subscribes to, each once, as written. */
  readonly events: readonly EventTypeName[];
  /** Events that wait at most. */
  readonly bufferSize: number;
}

/** Reads the pool's own options; throws ConfigError, whose text does not name the section's file. */
export function listenerOf(source: OptionSource): { readonly priority: number; readonly listener: ListenerOptions } {
  const { section } = source;
  const { priority, buffer_size: bufferSize } = readOptions(sizeOptions, source);
  if (bufferSize < 1) throw wrong('buffer_size', { source, text: `sets invalid buffer_size (${bufferSize})` });
  checkHandler(source);
  const { events: written } = readOptions({ events: listenerOptions.events }, source);
  if (written.length === 0) throw wrong('events', { source, text: 'requires an "events" line' });
  const events = new Set<EventTypeName>();
  for (const name of written.map((each) => each.toUpperCase())) {
    if (!isEventType(name)) throw unknownType(name, source);
    events.add(name);
  }
  if (readOptions({ redirect_stderr: listenerOptions.redirect_stderr }, source).redirect_stderr) {
    const text =
      'sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol';
    throw wrong('redirect_stderr', { source, text, accepted: `false, or no redirect_stderr in [${section}]` });
  }
  return { priority, listener: { events: [...events], bufferSize } };
}

/** A warning for each option that supervisord accepts for stdout and then ignores, where it is not written as off. */
export function withoutEffect(section: IniSection): readonly Message[] {
  return Object.keys(protocolOptions).flatMap((name) => {
    const written = section.options.get(name);
    if (written === undefined || /^(?:false|no|off|0\w*)$/i.test(written.text)) return [];
    const { file, line } = written.where;
    return [warning(`${file}:${line}: ${name} in [${section.name}] has no effect: its stdout carries the protocol`)];
  });
}

const { priority, buffer_size } = listenerOptions;
const sizeOptions = { priority, buffer_size };

const defaultHandler = listenerOptions.result_handler.default;

/** Another handler would be Python. */
function checkHandler(source: OptionSource): void {
  const { result_handler: handler } = readOptions({ result_handler: listenerOptions.result_handler }, source);
  if (handler.replaceAll(/\s/g, '') === defaultHandler) return;
  const named = { name: 'result_handler', row: listenerOptions.result_handler, source };
  const error = badOption(named, `${handler} cannot be resolved within [${source.section}]`);
  throw new ConfigError(error.message, { ...error.place, accepted: `${defaultHandler} (other handlers are Python)` });
}

function unknownType(name: string, source: OptionSource): ConfigError {
  const guess = closest(name, eventTypeNames);
  const error = badOption(
    { name: 'events', row: listenerOptions.events, source },
    `Unknown event type ${name} in [${source.section}] events`,
  );
  const meant = guess === null ? '' : `, did you mean ${guess}?`;
  return new ConfigError(error.message, { ...error.place, accepted: `${eventTypeNames.join(', ')}${meant}` });
}

function wrong(
  name: keyof typeof listenerOptions,
  { source, text, accepted }: { readonly source: OptionSource; readonly text: string; readonly accepted?: string },
): ConfigError {
  const error = badOption({ name, row: listenerOptions[name], source }, `[${source.section}] section ${text}`);
  return accepted === undefined ? error : new ConfigError(error.message, { ...error.place, accepted });
}

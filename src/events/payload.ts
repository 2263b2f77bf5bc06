// What a listener is told of an event: its type and its payload, in supervisord's words (its events.py; its process.py
// `_eventEnvelope`). No payload ends with a newline, unless it says so here.

import type { EventTypeName } from '../base/event-types.ts';
import { outputText } from '../base/python-text.ts';
import type { ProcessHealthEvent, ProcessOutputEvent, ProcessStateEvent, SupervisorEvent } from './events.ts';

/** What listeners can be told. */
export type ToldEvent = Exclude<SupervisorEvent, { readonly type: 'PROCESS_READY' | 'PROCESS_GROUP_CHANGED' }>;

/** Whether it is more than the parts of the daemon telling each other. */
export function isTold(event: SupervisorEvent): event is ToldEvent {
  return event.type !== 'PROCESS_READY' && event.type !== 'PROCESS_GROUP_CHANGED';
}

/** The most special type of an event. */
export function typeOf(event: ToldEvent): EventTypeName {
  switch (event.type) {
    case 'PROCESS_STATE':
      return `PROCESS_STATE_${event.to}`;
    case 'PROCESS_LOG':
    case 'PROCESS_COMMUNICATION':
      return outputType(event);
    case 'SUPERVISOR_STATE_CHANGE':
      return event.state === 'RUNNING' ? 'SUPERVISOR_STATE_CHANGE_RUNNING' : 'SUPERVISOR_STATE_CHANGE_STOPPING';
    case 'TICK':
      return `TICK_${event.period}`;
    case 'PROCESS_GROUP_ADDED':
    case 'PROCESS_GROUP_REMOVED':
    case 'PROCESS_HEALTH':
    case 'REMOTE_COMMUNICATION':
      return event.type;
  }
}

/** The most special type of an event that is made of a child's output. */
export function outputType({ type, channel }: Pick<ProcessOutputEvent, 'type' | 'channel'>): OutputType {
  return `${type}_${channel === 'stdout' ? 'STDOUT' : 'STDERR'}`;
}

export type OutputType = `${ProcessOutputEvent['type']}_${'STDOUT' | 'STDERR'}`;

/** The payload; nothing of the event is kept. */
export function payloadOf(event: ToldEvent): string {
  switch (event.type) {
    case 'PROCESS_STATE':
      return `${whose(event)} from_state:${event.from}${changeOf(event)}`;
    case 'PROCESS_LOG':
      return `${whose(event)} pid:${event.pid} channel:${event.channel}\n${outputText(event.data)}`;
    case 'PROCESS_COMMUNICATION':
      return `${whose(event)} pid:${event.pid}\n${outputText(event.data)}`;
    case 'PROCESS_HEALTH':
      return `${whose(event)} pid:${event.pid} reason:${event.reason}\n${event.text}`;
    case 'REMOTE_COMMUNICATION':
      return `type:${event.kind}\n${event.data}`;
    case 'SUPERVISOR_STATE_CHANGE':
      return '';
    case 'TICK':
      return `when:${event.when}`;
    case 'PROCESS_GROUP_ADDED':
    case 'PROCESS_GROUP_REMOVED':
      return `groupname:${event.group}\n`;
  }
}

/** The line before a payload. Its `len` counts code points, while the payload is sent as UTF-8. */
export function envelope(about: {
  readonly identifier: string;
  readonly serial: number;
  readonly pool: string;
  readonly poolSerial: number;
  readonly type: EventTypeName;
  readonly payload: string;
}): string {
  const { identifier, serial, pool, poolSerial, type, payload } = about;
  return `ver:3.0 server:${identifier} serial:${serial} pool:${pool} poolserial:${poolSerial} eventname:${type} len:${codePoints(payload)}\n`;
}

function whose({ process, group }: ProcessStateEvent | ProcessOutputEvent | ProcessHealthEvent): string {
  return `processname:${process} groupname:${group}`;
}

function changeOf({ to, tries, pid, expected }: ProcessStateEvent): string {
  switch (to) {
    case 'STARTING':
    case 'BACKOFF':
      return ` tries:${tries}`;
    case 'RUNNING':
    case 'STOPPING':
    case 'STOPPED':
      return ` pid:${pid}`;
    case 'EXITED':
      return ` expected:${expected ? 1 : 0} pid:${pid}`;
    case 'FATAL':
    case 'UNKNOWN':
      return '';
  }
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) if ((text.codePointAt(at) ?? 0) > 0xffff) count -= 1;
  return count;
}

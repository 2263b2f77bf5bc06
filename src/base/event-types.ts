// The types of events, by supervisord's names (its events.py `EventTypes`): what a listener may subscribe to, and what it
// gets with it. Configuration, pools and tests read this one list. Pure.

/** Each type with the type that it is one of; who subscribes to a type gets all below it. */
export const eventTypes = {
  EVENT: null,
  PROCESS_STATE: 'EVENT',
  PROCESS_STATE_STOPPED: 'PROCESS_STATE',
  PROCESS_STATE_EXITED: 'PROCESS_STATE',
  PROCESS_STATE_STARTING: 'PROCESS_STATE',
  PROCESS_STATE_STOPPING: 'PROCESS_STATE',
  PROCESS_STATE_BACKOFF: 'PROCESS_STATE',
  PROCESS_STATE_FATAL: 'PROCESS_STATE',
  PROCESS_STATE_RUNNING: 'PROCESS_STATE',
  PROCESS_STATE_UNKNOWN: 'PROCESS_STATE',
  PROCESS_COMMUNICATION: 'EVENT',
  PROCESS_COMMUNICATION_STDOUT: 'PROCESS_COMMUNICATION',
  PROCESS_COMMUNICATION_STDERR: 'PROCESS_COMMUNICATION',
  PROCESS_LOG: 'EVENT',
  PROCESS_LOG_STDOUT: 'PROCESS_LOG',
  PROCESS_LOG_STDERR: 'PROCESS_LOG',
  REMOTE_COMMUNICATION: 'EVENT',
  SUPERVISOR_STATE_CHANGE: 'EVENT',
  SUPERVISOR_STATE_CHANGE_RUNNING: 'SUPERVISOR_STATE_CHANGE',
  SUPERVISOR_STATE_CHANGE_STOPPING: 'SUPERVISOR_STATE_CHANGE',
  TICK: 'EVENT',
  TICK_5: 'TICK',
  TICK_60: 'TICK',
  TICK_3600: 'TICK',
  PROCESS_GROUP: 'EVENT',
  PROCESS_GROUP_ADDED: 'PROCESS_GROUP',
  PROCESS_GROUP_REMOVED: 'PROCESS_GROUP',
  /** Our own, a restart by the watchdog: below nothing, so that only those get it who name it. */
  PROCESS_HEALTH: null,
} as const satisfies Record<string, string | null>;

export type EventTypeName = keyof typeof eventTypes;

/** Every name, in the order of the list. */
export const eventTypeNames: readonly EventTypeName[] = Object.keys(eventTypes).filter(isEventType);

export function isEventType(name: string): name is EventTypeName {
  return Object.hasOwn(eventTypes, name);
}

/** The type itself and all that it is one of, the nearest first. */
export function lineage(type: EventTypeName): EventTypeName[] {
  const parent = eventTypes[type];
  return parent === null ? [type] : [type, ...lineage(parent)];
}

/** Seconds between two TICK events of one type. */
export type TickPeriod = 5 | 60 | 3600;

export const tickPeriods: readonly TickPeriod[] = [5, 60, 3600];

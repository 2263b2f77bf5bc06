// The line of the daemon's log that says who asked for a change. It begins with `command`, which no sentence of
// supervisord's does. What a caller wrote is quoted and cut: it can neither begin a line of its own nor fill the log. Pure.

import { pythonRepr } from '../base/python-text.ts';
import type { Caller } from './context.ts';
import type { XmlRpcCall, XmlRpcValue } from './xmlrpc.ts';

/** Names are shorter than that. */
const longestShown = 200;

/** `command supervisor.stopProcess('web:a') by CALLER`; only the first `shown` arguments are named. */
export function commandLine({
  name,
  params,
  shown,
  caller,
}: {
  readonly name: string;
  readonly params: XmlRpcCall['params'];
  readonly shown: number;
  readonly caller: Caller;
}): string {
  return `command ${name}(${params.slice(0, shown).map(text).join(', ')}) by ${caller.who()}`;
}

function text(value: XmlRpcValue): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return '...';
  return pythonRepr(value.length > longestShown ? `${value.slice(0, longestShown)}...` : value);
}

// One line per answered request, logged at trace level in the shape of supervisord's (its http.py `log`).

import { months, two } from '../base/dates.ts';
import type { Exchange } from './answers.ts';

/** `host:port - - [date] "request" status bytes`; a unix socket's client is localhost:0. */
export function accessLine(
  { request, response }: Exchange,
  sent: { readonly bytes: number; readonly wallMs: number },
): string {
  const { remoteAddress = 'localhost', remotePort = 0 } = request.socket;
  const asked = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  return `${remoteAddress}:${remotePort} - - [${dateText(sent.wallMs)}] "${asked}" ${response.statusCode} ${sent.bytes}`;
}

/** supervisord writes universal time and, behind it, the offset of local time. */
function dateText(wallMs: number): string {
  const date = new Date(wallMs);
  const offset = -date.getTimezoneOffset();
  const minutes = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  const time = date.toISOString().slice(11, 19);
  return `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} ${zone}`;
}

// A log as an answer that goes on until the client leaves: supervisord's /logtail (its http.py `logtail_handler`).

import { statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { Fault } from '../base/errors.ts';
import { LogFollower } from '../logs/follow.ts';
import { answerError, begin, type Exchange } from './answers.ts';
import type { HttpDeps } from './deps.ts';

/** The answers that go on until somebody ends them; the server does when it closes. */
export type Streams = Set<ServerResponse>;

/** Streams a log's end and its growth; 404 when there is no log or no file yet. */
export function streamLog(
  exchange: Exchange,
  log: {
    readonly path: string | null;
    readonly deps: HttpDeps;
    readonly streams: Streams;
    readonly headers: readonly (readonly [string, string])[];
  },
): void {
  const { path, deps, streams } = log;
  const { request, response } = exchange;
  const { socket } = request;
  const stat = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === null || stat?.isFile() !== true) return answerError(exchange, 404);
  const open = (): void => {
    if (response.headersSent) return;
    const type = ['Content-Type', 'text/plain;charset=utf-8'] as const;
    // A browser that may guess the type shows nothing before it has a thousand bytes to guess from.
    const certain = ['X-Content-Type-Options', 'nosniff'] as const;
    const modified = ['Last-Modified', stat.mtime.toUTCString()] as const;
    begin(exchange, { status: 200, headers: [modified, type, certain, ...log.headers] });
    response.flushHeaders();
  };
  let follower: LogFollower;
  try {
    follower = new LogFollower({
      path,
      clock: deps.clock,
      send(bytes) {
        open();
        return response.write(bytes);
      },
      onError: () => response.destroy(),
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return answerError(exchange, 404);
  }
  open();
  response.on('drain', () => follower.resume());
  streams.add(response);
  // A client that stops sending has left: a quiet log would never find out by writing.
  const leave = (): void => void response.destroy();
  socket.once('end', leave);
  response.on('close', () => {
    socket.off('end', leave);
    streams.delete(response);
    follower.stop();
  });
  return undefined;
}

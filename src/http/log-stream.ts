// A log as an answer that goes on until the client leaves: supervisord's /logtail (its http.py `logtail_handler`).

import { statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Timer } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import { LogFollower } from '../logs/follow.ts';
import { answerError, begin, type Exchange } from './answers.ts';
import type { HttpDeps } from './deps.ts';

/** The answers that go on until somebody ends them; the server does when it closes. */
export type Streams = Set<ServerResponse>;

const longestStallMs = 600_000;

/** Streams a log's end and its growth; 404 when there is no log or no file yet. */
export function streamLog(
  exchange: Exchange,
  log: {
    readonly path: string | null;
    readonly deps: HttpDeps;
    readonly streams: Streams;
    /** Hears of a client that is let go because it reads nothing. */
    readonly onStalled: () => void;
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
  // Who looks at what came so far may take a while over it; whoever reads nothing for so long has forgotten it.
  let stalled: Timer | null = null;
  const giveUp = (): void => {
    log.onStalled();
    response.destroy();
  };
  let follower: LogFollower;
  try {
    follower = new LogFollower({
      path,
      clock: deps.clock,
      send(bytes) {
        open();
        const isTaken = response.write(bytes);
        if (!isTaken) stalled ??= deps.clock.after(longestStallMs, giveUp);
        return isTaken;
      },
      onError: () => response.destroy(),
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return answerError(exchange, 404);
  }
  open();
  response.on('drain', () => {
    stalled?.cancel();
    stalled = null;
    follower.resume();
  });
  streams.add(response);
  // A client that stops sending has left: a quiet log would never find out by writing.
  const leave = (): void => void response.destroy();
  socket.once('end', leave);
  response.on('close', () => {
    socket.off('end', leave);
    streams.delete(response);
    stalled?.cancel();
    follower.stop();
  });
  return undefined;
}

// The files that the pages need, by their addresses: a fixed list, so no address reaches any other file.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { begin, answer, answerError, type Exchange } from './answers.ts';

const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  '/stylesheets/supervisor.css': { name: 'page.css', type: 'text/css' },
  '/scripts/status.js': { name: 'status.js', type: 'text/javascript' },
  '/images/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
  '/images/icon.png': { name: 'icon.png', type: 'image/png' },
};

/** Answers a file of `folder`, or 304 when the client's copy is no older; 404 for what is not on the list. */
export function answerFile(
  exchange: Exchange,
  { path, folder }: { readonly path: string; readonly folder: string },
): void {
  const { method, headers } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return answerError(exchange, 400);
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  const stat = file === undefined ? undefined : statSync(join(folder, file.name), { throwIfNoEntry: false });
  if (file === undefined || stat === undefined) return answerError(exchange, 404);
  const known = Date.parse(headers['if-modified-since'] ?? '');
  // Dates in headers have no fractions of a second.
  if (known >= Math.floor(stat.mtimeMs / 1000) * 1000) {
    begin(exchange, { status: 304, headers: [] });
    exchange.response.end();
    return undefined;
  }
  return answer(exchange, {
    status: 200,
    type: file.type,
    headers: [
      ['Last-Modified', stat.mtime.toUTCString()],
      ['Cache-Control', 'no-cache'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: readFileSync(join(folder, file.name)),
  });
}

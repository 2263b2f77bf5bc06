// nginx's side of an upstream: the `upstream x { … }` block that its configuration includes, and the file it stands in.
// Why the lines are as they are: docs/serving.md, "Behind nginx".

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Renders the block. Every configured member stands in it whether it runs or not: nginx tries the next one itself. */
export function renderUpstream(name: string, servers: readonly string[]): string {
  const distinct = [...new Set(servers)];
  // max_fails=0: with nginx's default one refused connection would take a worker out for ten seconds.
  const lines = distinct.map((server) => `server ${server} max_fails=0;`);
  // nginx does not start with an empty upstream; one that is down answers 502.
  if (lines.length === 0) lines.push('server 127.0.0.1:1 down; # nobody is configured');
  return [
    '# Written by corevisord; what is changed here is lost.',
    `upstream ${name} {`,
    ...lines.map((line) => `    ${line}`),
    // Idle connections that each nginx process keeps. Plenty: where it runs out, connections come and go all the time, and
    // a worker that stops listening resets those that are just coming. Closed before the workers would do it.
    `    keepalive ${Math.max(128, 32 * distinct.length)};`,
    '    keepalive_timeout 60s;',
    '}',
    '',
  ].join('\n');
}

/** Puts `text` in place in one step, readable for nginx; leaves the file alone when it says so already. Throws what fs throws. */
export function replaceFile(file: string, text: string): void {
  if (readIfThere(file) === text) return;
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    // Exclusive: the directory may be nginx's user's, and a link there must not be written through.
    rmSync(draft, { force: true });
    const fd = openSync(draft, 'wx', 0o644);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What a file says; null when it cannot be read. */
export function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

// The command line of an embedded proxy's process; src/bin/proxy.ts reads it.

import { addressOf, type ProxyConfig } from '../config/upstreams.ts';

/** Where the pieces of the command are on this machine. */
export interface ProxyProgram {
  /** The Node that runs the daemon. */
  readonly nodePath: string;
  /** dist/proxy.cjs. */
  readonly scriptPath: string;
}

/** The command of [proxy:x], quoted for supervisord's way of splitting. */
export function proxyCommand(proxy: ProxyConfig, { nodePath, scriptPath }: ProxyProgram): string {
  const flags = ['--listen', addressOf(proxy), '--upstream', proxy.upstream, '--hold', String(proxy.hold)];
  return [nodePath, scriptPath, ...flags].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w./:[\]@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

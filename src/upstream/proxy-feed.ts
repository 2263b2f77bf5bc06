// What the embedded proxies are told on their stdin: the members of their upstream and who of them takes requests, one line
// of JSON at each change.

import { ConfigError, Fault } from '../base/errors.ts';
import type { ProxyConfig, UpstreamConfig } from '../config/upstreams.ts';
import { feedLine, membersOf, type UpstreamGroup, type UpstreamProcess } from './members.ts';

export interface ProxyFeedParts {
  config(): { readonly upstreams: readonly UpstreamConfig[]; readonly proxies: readonly ProxyConfig[] };
  groups(): readonly UpstreamGroup[];
  /** Those that take no new requests. */
  leaving(): ReadonlySet<string>;
  readonly logger: { error(text: string): void };
}

export class ProxyFeed {
  readonly #parts: ProxyFeedParts;
  /** What each proxy, by name, was told last, and which process it was. */
  readonly #told = new Map<string, { pid: number; line: string }>();

  constructor(parts: ProxyFeedParts) {
    this.#parts = parts;
  }

  /** Tells each proxy what it does not know yet. */
  tell(): void {
    const { proxies, upstreams } = this.#parts.config();
    const groups = this.#parts.groups();
    const processes = groups.filter(({ config }) => config.kind === 'proxy').flatMap((group) => group.processes);
    for (const process of processes) {
      const proxy = proxies.find(({ name }) => name === process.config.name);
      const upstream = upstreams.find(({ name }) => name === proxy?.upstream);
      if (upstream === undefined) continue;
      try {
        this.#tellOne(process, feedLine(membersOf(upstream, groups), this.#parts.leaving()));
      } catch (error) {
        // Groups that run may be older than the upstream that was read anew.
        if (!(error instanceof ConfigError)) throw error;
        this.#parts.logger.error(error.message);
      }
    }
  }

  #tellOne(process: UpstreamProcess, line: string): void {
    const { pid, wireState, config } = process;
    if (pid === 0 || (wireState !== 'STARTING' && wireState !== 'RUNNING')) return;
    const told = this.#told.get(config.name);
    if (told?.pid === pid && told.line === line) return;
    try {
      process.writeStdin(Buffer.from(line));
      this.#told.set(config.name, { pid, line });
    } catch (error) {
      // It is ending, or does not read: the next change tells it, or the one that takes its place.
      if (!(error instanceof Fault)) throw error;
    }
  }
}

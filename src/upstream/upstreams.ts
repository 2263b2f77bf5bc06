// Keeps everything in front of the workers up to date: nginx's upstream files and its reload, and the member lists of the
// embedded proxies. Driven by events, no polling; what is written depends only on the groups as they are then.

import type { Clock, Timer } from '../base/clock.ts';
import { ConfigError, Fault } from '../base/errors.ts';
import type { ProxyConfig, UpstreamConfig } from '../config/upstreams.ts';
import type { EventBus, SupervisorEvent } from '../events/events.ts';
import { feedLine, membersOf, processesNamed, type UpstreamGroup, type UpstreamProcess } from './members.ts';
import { renderUpstream, replaceFile } from './nginx.ts';

/** What `Upstreams` needs of the daemon. */
export interface UpstreamsParts {
  /** The configuration that was last loaded. */
  config(): { readonly upstreams: readonly UpstreamConfig[]; readonly proxies: readonly ProxyConfig[] };
  /** What runs. */
  groups(): readonly UpstreamGroup[];
  /** nginx.ts's `replaceFile`. */
  replaceFile(file: string, text: string): void;
  readonly clock: Clock;
  readonly logger: { info(text: string): void; error(text: string): void };
}

/** The supervisor as upstreams see it. */
interface UpstreamSupervisor {
  readonly config: ReturnType<UpstreamsParts['config']>;
  groups(): readonly UpstreamGroup[];
}

/** Connects upstreams to the daemon: `render` before anything starts (it throws ConfigError), `close` at the end. */
export function connectUpstreams(parts: {
  readonly supervisor: UpstreamSupervisor;
  readonly bus: EventBus;
  readonly logger: UpstreamsParts['logger'];
  readonly clock: Clock;
}): { render(): void; close(): void } {
  const { supervisor, bus, logger, clock } = parts;
  const upstreams = new Upstreams({
    config: () => supervisor.config,
    groups: () => supervisor.groups(),
    replaceFile,
    clock,
    logger,
  });
  const unsubscribe = bus.subscribe((event) => upstreams.hear(event));
  return {
    render: () => upstreams.prepare(),
    close() {
      unsubscribe();
      upstreams.close();
    },
  };
}

const sighup = 1;
/** An update stops, removes and adds a group in several calls: they are one burst, and one reload of nginx. */
const burstMs = 250;

export class Upstreams {
  readonly #parts: UpstreamsParts;
  #config: ReturnType<UpstreamsParts['config']>;
  /** What stands in each file. */
  readonly #written = new Map<string, string>();
  /** Programs and groups that are still to get SIGHUP. */
  readonly #toReload = new Set<string>();
  /** What each proxy, by name, was told last, and which process it was. */
  readonly #told = new Map<string, { pid: number; line: string }>();
  #files: Timer | null = null;
  #proxies: Timer | null = null;

  constructor(parts: UpstreamsParts) {
    this.#parts = parts;
    this.#config = parts.config();
  }

  /** Before anything starts: checks every address and writes every file. Throws ConfigError. */
  prepare(): void {
    const groups = this.#parts.groups();
    for (const upstream of this.#config.upstreams) {
      try {
        this.#write(upstream, groups);
      } catch (error) {
        if (error instanceof ConfigError || upstream.file === null) throw error;
        throw cannotWrite(upstream, error);
      }
    }
  }

  /** To be subscribed to the event bus. */
  hear(event: SupervisorEvent): void {
    if (event.type === 'PROCESS_GROUP_ADDED' || event.type === 'PROCESS_GROUP_REMOVED') {
      // Only now: a configuration that was merely reread changes nothing that runs.
      this.#config = this.#parts.config();
    } else if (event.type !== 'PROCESS_STATE' && event.type !== 'PROCESS_READY') {
      return;
    }
    const { clock } = this.#parts;
    // A turn later, when a process that was announced as STARTING has its pid.
    this.#proxies ??= clock.after(0, () => this.#tellProxies());
    this.#files ??= clock.after(burstMs, () => this.#writeFiles());
  }

  close(): void {
    this.#proxies?.cancel();
    this.#files?.cancel();
  }

  #writeFiles(): void {
    this.#files = null;
    const groups = this.#parts.groups();
    for (const upstream of this.#config.upstreams) {
      try {
        if (this.#write(upstream, groups) && upstream.reload !== null) this.#toReload.add(upstream.reload);
      } catch (error) {
        this.#parts.logger.error(cannotWrite(upstream, error).message);
      }
    }
    for (const name of this.#toReload) {
      const processes = processesNamed(name, groups);
      for (const process of processes) if (process.wireState === 'RUNNING') this.#reload(process);
      // One that is starting may have read the old file, and cannot take a signal yet: it gets it once it is RUNNING.
      if (!processes.some(({ wireState }) => wireState === 'STARTING')) this.#toReload.delete(name);
    }
  }

  /** Answers whether the file was changed. */
  #write(upstream: UpstreamConfig, groups: readonly UpstreamGroup[]): boolean {
    const { file, name } = upstream;
    const servers = membersOf(upstream, groups).map(({ server }) => server);
    const text = renderUpstream(name, servers);
    if (file === null || this.#written.get(file) === text) return false;
    this.#parts.replaceFile(file, text);
    this.#written.set(file, text);
    this.#parts.logger.info(`upstream ${name}: ${servers.join(', ') || 'nobody'} (${file})`);
    return true;
  }

  #reload(process: UpstreamProcess): void {
    this.#parts.logger.info(`reloading ${process.config.name} for its upstreams`);
    try {
      process.signal(sighup);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#parts.logger.error(`cannot reload ${process.config.name}: ${error.message}`);
    }
  }

  #tellProxies(): void {
    this.#proxies = null;
    const groups = this.#parts.groups();
    const processes = groups.filter(({ config }) => config.kind === 'proxy').flatMap((group) => group.processes);
    for (const process of processes) {
      const proxy = this.#config.proxies.find(({ name }) => name === process.config.name);
      const upstream = this.#config.upstreams.find(({ name }) => name === proxy?.upstream);
      if (upstream === undefined) continue;
      try {
        this.#tell(process, feedLine(membersOf(upstream, groups)));
      } catch (error) {
        // Groups that run may be older than the upstream that was read anew.
        if (!(error instanceof ConfigError)) throw error;
        this.#parts.logger.error(error.message);
      }
    }
  }

  #tell(process: UpstreamProcess, line: string): void {
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

function cannotWrite({ name, file, where }: UpstreamConfig, cause: unknown): ConfigError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const place = {
    where,
    section: `upstream:${name}`,
    option: 'file',
    value: file ?? '',
    accepted: 'a file in a directory that the daemon may write to',
  };
  return new ConfigError(`cannot write the servers of upstream ${name}: ${reason}`, place, { cause });
}

// Keeps everything in front of the workers up to date: nginx's upstream files and its reload, and the member lists of the
// embedded proxies; takes processes out of the traffic and back in; knows what is not ready for it. Driven by events, no
// polling; what is written depends only on the groups as they are then.

import type { Clock, Timer } from '../base/clock.ts';
import { diffConfig } from '../config/diff.ts';
import type { GroupConfig } from '../config/programs.ts';
import { processesBehind, type ProxyConfig, type UpstreamConfig } from '../config/upstreams.ts';
import type { EventBus, SupervisorEvent } from '../events/events.ts';
import { Drains, type LeavingProcess } from './drains.ts';
import { readIfThere, replaceFile } from './nginx.ts';
import { NginxFiles } from './nginx-files.ts';
import { ProxyFeed } from './proxy-feed.ts';
import { type JudgedGroup, unreadyParts } from './readiness.ts';
import type { ReadText } from './reloaded.ts';

interface LoadedConfig {
  readonly groups: readonly GroupConfig[];
  readonly upstreams: readonly UpstreamConfig[];
  readonly proxies: readonly ProxyConfig[];
}

/** What `Upstreams` needs of the daemon. */
export interface UpstreamsParts {
  /** The configuration that was last loaded. */
  config(): LoadedConfig;
  /** What runs. */
  groups(): readonly JudgedGroup[];
  /** nginx.ts's `replaceFile` and `readIfThere`. */
  replaceFile(file: string, text: string): void;
  readFile(file: string): string | null;
  /** Reads a file of /proc; null when there is none. */
  readonly readText: ReadText;
  readonly clock: Clock;
  readonly logger: { info(text: string): void; warn(text: string): void; error(text: string): void };
}

/** The supervisor as upstreams see it. */
interface UpstreamSupervisor {
  readonly config: LoadedConfig;
  groups(): readonly JudgedGroup[];
}

/** Connects upstreams to the daemon: they hear of every event until they are closed. */
export function connectUpstreams(parts: {
  readonly supervisor: UpstreamSupervisor;
  readonly bus: EventBus;
  readonly logger: UpstreamsParts['logger'];
  readonly clock: Clock;
}): Upstreams {
  const { supervisor, bus, logger, clock } = parts;
  const upstreams = new Upstreams({
    config: () => supervisor.config,
    groups: () => supervisor.groups(),
    replaceFile,
    readFile: readIfThere,
    readText: async (path) => {
      const { readFile } = process.getBuiltinModule('node:fs/promises');
      return readFile(path, 'utf8').catch(() => null);
    },
    clock,
    logger,
  });
  bus.subscribe((event) => upstreams.hear(event));
  return upstreams;
}

export class Upstreams {
  readonly #parts: UpstreamsParts;
  readonly #drains: Drains;
  readonly #files: NginxFiles;
  readonly #feed: ProxyFeed;
  /** What counts of the configuration, and the one that it was taken from. */
  #config: Pick<LoadedConfig, 'upstreams' | 'proxies'>;
  #loaded: LoadedConfig;
  /** Some upstreams wait for their groups. */
  #isWaiting = false;
  #feeding: Timer | null = null;
  #isClosed = false;

  constructor(parts: UpstreamsParts) {
    this.#parts = parts;
    this.#loaded = parts.config();
    this.#config = this.#loaded;
    const own = { upstreams: () => this.#config.upstreams, leaving: () => this.#drains.leaving };
    this.#feed = new ProxyFeed({ ...parts, ...own, config: () => this.#config });
    this.#files = new NginxFiles({ ...parts, ...own });
    this.#drains = new Drains({
      ...parts,
      ...own,
      applyFiles: () => this.#files.apply(),
      filesChanged: () => this.#files.changed(),
      tellProxies: () => this.#feed.tell(),
    });
  }

  /** Before anything starts: checks every address and writes every file. Throws ConfigError. */
  prepare(): void {
    this.#files.prepare();
  }

  /** To be subscribed to the event bus. */
  hear(event: SupervisorEvent): void {
    // Most daemons have none, and then nobody is to be woken.
    if (this.#isClosed || (this.#config.upstreams.length === 0 && this.#parts.config().upstreams.length === 0)) return;
    const isGroups = event.type.startsWith('PROCESS_GROUP_');
    if (!isGroups && event.type !== 'PROCESS_STATE' && event.type !== 'PROCESS_READY') return;
    if (isGroups) this.#drains.groupsChanged();
    this.#adopt();
    this.#files.changed();
    // A turn later, when a process that was announced as STARTING has its pid.
    this.#feeding ??= this.#parts.clock.after(0, () => {
      this.#feeding = null;
      this.#feed.tell();
    });
  }

  /** A configuration was reread. */
  reread(): void {
    this.#adopt();
    this.#files.changed();
    this.#feed.tell();
  }

  /**
   * Takes a process out of the traffic before it is stopped. Resolves at once where it drains by itself on its stopsignal; with
   * drain=reload when it is out of nginx's file, nginx has reloaded and nobody is connected to it, or drain_timeout is over.
   * Rejects when the file was not accepted: then nothing has changed.
   */
  drain(process: LeavingProcess): Promise<void> {
    return this.#drains.drain(process);
  }

  /** Brings a process back into the traffic, once per burst; nothing for one that was not taken out. */
  undrain(process: LeavingProcess): void {
    this.#drains.undrain(process);
  }

  /** How long a drain of the process may take; null when it is in no upstream. */
  drainTimeoutMs(process: LeavingProcess): number | null {
    return this.#drains.drainTimeoutMs(process);
  }

  /** Whether any process of a group is in an upstream. */
  standsInUpstream(groupName: string): boolean {
    const groups = this.#parts.groups().map(({ config }) => config);
    return this.#config.upstreams.some(({ name }) =>
      processesBehind(name, groups)?.some(({ group }) => group === groupName),
    );
  }

  /** What is not ready for traffic, in words; none when all is. */
  unready(): readonly string[] {
    const { upstreams } = this.#config;
    return unreadyParts({ groups: this.#parts.groups(), upstreams, leaving: this.#drains.leaving });
  }

  close(): void {
    this.#isClosed = true;
    this.#feeding?.cancel();
    this.#files.close();
    this.#drains.close();
  }

  /**
   * Takes over what was reread, except the upstreams of groups that run as they were before: addresses and processes must fit,
   * so they wait until their groups are as the file says.
   */
  #adopt(): void {
    const loaded = this.#parts.config();
    if (loaded === this.#loaded && !this.#isWaiting) return;
    const running = this.#parts.groups().map(({ config }) => config);
    const { added, changed, removed } = diffConfig(running, loaded.groups);
    const different = new Set([...added, ...removed, ...changed.map(({ group }) => group)].map(({ name }) => name));
    const waits = ({ name }: UpstreamConfig): boolean => {
      const members = processesBehind(name, running);
      return members === null || members.some(({ group }) => different.has(group));
    };
    const kept = this.#config.upstreams.filter(waits);
    const taken = loaded.upstreams.filter((upstream) => !waits(upstream));
    this.#isWaiting = loaded.upstreams.some(waits);
    this.#loaded = loaded;
    this.#config = { proxies: loaded.proxies, upstreams: [...kept, ...taken] };
    this.#files.reconsider();
  }
}

// Taking a process out of the traffic before it is stopped, and back in afterwards. With drain=worker the process sees to it
// itself, on its stopsignal; with drain=reload it leaves nginx's file and is not to be stopped before nobody is connected to
// it. Embedded proxies are told in both cases. The kernel's tables are looked at only while somebody waits.

import type { Clock } from '../base/clock.ts';
import type { UpstreamConfig } from '../config/upstreams.ts';
import { hasConnection, tablesFor } from './connections.ts';
import { keyOf, type Member, membersOf, serversInFile, type UpstreamGroup } from './members.ts';
import type { Applied } from './nginx-files.ts';
import { type Generation, reloaded, type ReadText } from './reloaded.ts';
import { until } from './until.ts';

/** A process that may leave. */
export interface LeavingProcess {
  readonly group: string;
  readonly config: { readonly name: string };
}

export interface DrainsParts {
  upstreams(): readonly UpstreamConfig[];
  groups(): readonly UpstreamGroup[];
  /** Brings the files up to date. */
  applyFiles(): Promise<Applied>;
  /** Files are to be brought up to date, and nobody waits for it. */
  filesChanged(): void;
  tellProxies(): void;
  readonly readText: ReadText;
  readonly clock: Clock;
  readonly logger: { warn(text: string): void };
}

const lookEveryMs = 100;
/** Connections come and go: so often in a row nobody must be seen. */
const quietLooks = 2;

interface Place {
  readonly upstream: UpstreamConfig;
  readonly member: Member;
}

export class Drains {
  readonly #parts: DrainsParts;
  /** In the order in which they left. */
  readonly #leaving = new Set<string>();
  #isClosed = false;

  constructor(parts: DrainsParts) {
    this.#parts = parts;
  }

  /** Those that take no new requests, in the order in which they left. */
  get leaving(): ReadonlySet<string> {
    return this.#leaving;
  }

  /** See `Upstreams.drain`. */
  async drain(process: LeavingProcess): Promise<void> {
    const key = keyOf(process.group, process.config.name);
    const places = this.#placesOf(key);
    if (places.length === 0) return;
    this.#leaving.delete(key);
    this.#leaving.add(key);
    this.#parts.tellProxies();
    const reloads = places.filter(({ upstream }) => upstream.drain === 'reload');
    if (reloads.length === 0) return;
    const { clock, readText } = this.#parts;
    const endAt = clock.now() + timeoutMs(reloads);
    const isOver = (): boolean => this.#isClosed || !this.#leaving.has(key) || clock.now() >= endAt;
    const told: Generation[] = [];
    await until(
      async () => {
        const applied = await this.#parts.applyFiles();
        const problem = reloads
          .map(({ upstream }) => applied.problems.get(upstream.name))
          .find((text) => text !== undefined);
        if (problem !== undefined) {
          this.undrain(process);
          throw new Error(problem);
        }
        told.push(...applied.reloaded);
        // One that is just starting is told once it runs.
        return isOver() || !reloads.some(({ upstream }) => applied.pending.has(upstream.reload ?? ''));
      },
      { clock, everyMs: lookEveryMs },
    );
    for (const before of told) await reloaded(before, { readText, clock, isOver });
    // The last one stays in the file, so requests go on coming.
    const left = reloads.filter((place) => this.#hasLeft(place));
    for (const { member } of left) await this.#quiet(member, isOver);
    if (clock.now() >= endAt && left.length > 0)
      this.#parts.logger.warn(`${process.config.name} is still connected to: drain_timeout is over`);
  }

  /** See `Upstreams.undrain`. */
  undrain({ group, config }: LeavingProcess): void {
    if (!this.#leaving.delete(keyOf(group, config.name))) return;
    this.#parts.tellProxies();
    this.#parts.filesChanged();
  }

  /** Milliseconds that a drain of the process may take; null when it is in no upstream. */
  drainTimeoutMs({ group, config }: LeavingProcess): number | null {
    const places = this.#placesOf(keyOf(group, config.name));
    return places.length === 0 ? null : timeoutMs(places);
  }

  /** Forgets who is not there any more. */
  groupsChanged(): void {
    const all = this.#parts
      .groups()
      .flatMap(({ config, processes }) => processes.map((process) => keyOf(config.name, process.config.name)));
    for (const key of this.#leaving) if (!all.includes(key)) this.#leaving.delete(key);
  }

  close(): void {
    this.#isClosed = true;
  }

  #placesOf(key: string): readonly Place[] {
    const groups = this.#parts.groups();
    return this.#parts.upstreams().flatMap((upstream) => {
      const member = membersOf(upstream, groups).find((candidate) => candidate.key === key);
      return member === undefined ? [] : [{ upstream, member }];
    });
  }

  #hasLeft({ upstream, member }: Place): boolean {
    const members = membersOf(upstream, this.#parts.groups());
    return !serversInFile(members, this.#leaving).includes(member.server);
  }

  async #quiet({ address }: Member, isOver: () => boolean): Promise<void> {
    const { readText, clock } = this.#parts;
    let quiet = 0;
    const look = async (): Promise<boolean> => {
      const tables = await Promise.all(tablesFor(address).map((path) => readText(path)));
      const isBusy = tables.some((table) => table !== null && hasConnection(table, address));
      quiet = isBusy ? 0 : quiet + 1;
      return quiet >= quietLooks || isOver();
    };
    await until(look, { clock, everyMs: lookEveryMs });
  }
}

function timeoutMs(places: readonly Place[]): number {
  return Math.max(...places.map(({ upstream }) => upstream.drainTimeout * 1000));
}

// The upstream files of nginx, and its reload. A file is written only when the set of servers in it changes, once for a burst
// of changes; then the reload program's own test (`nginx -t`) looks at it, and when that fails the old file comes back and
// nothing is reloaded. Only the files that stand before nginx first starts are not tested: nginx does that itself.

import type { RunOutcome } from '../base/child.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { describeExit } from '../base/describe-exit.ts';
import { ConfigError, Fault } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { UpstreamConfig } from '../config/upstreams.ts';
import { membersOf, processesNamed, serversInFile, type UpstreamGroup, type UpstreamProcess } from './members.ts';
import { renderUpstream } from './nginx.ts';
import { generationOf, type Generation, type ReadText } from './reloaded.ts';

/** What the files need of the daemon. */
export interface NginxFilesParts {
  /** The sections that count now. */
  upstreams(): readonly UpstreamConfig[];
  /** What runs. */
  groups(): readonly UpstreamGroup[];
  /** Those that are to be in no file, in the order in which they left, by `keyOf`. */
  leaving(): ReadonlySet<string>;
  /** nginx.ts's `replaceFile` and `readIfThere`. */
  replaceFile(file: string, text: string): void;
  readFile(file: string): string | null;
  readonly readText: ReadText;
  readonly clock: Clock;
  readonly logger: { info(text: string): void; error(text: string): void };
}

/** What has come of a burst of changes. */
export interface Applied {
  /** Why a file could not be changed, by upstream. */
  readonly problems: ReadonlyMap<string, string>;
  /** The processes that were told to reload, as they were before. */
  readonly reloaded: readonly Generation[];
  /** Programs that are still to be told, because they are starting. */
  readonly pending: ReadonlySet<string>;
}

const sighup = 1;
/** An update stops, removes and adds a group in several calls: they are one burst, and one reload of nginx. */
const burstMs = 250;
/** Somebody waits for the outcome: only what is asked for in the same moment is one burst. */
const urgentMs = 10;
/** For nginx -t, which may have to look up names. */
const testMs = 10_000;

interface Change {
  readonly upstream: UpstreamConfig & { readonly file: string };
  readonly servers: readonly string[];
  readonly text: string;
  readonly before: string | null;
}

export class NginxFiles {
  readonly #parts: NginxFilesParts;
  /** What stands in each file. */
  readonly #written = new Map<string, string>();
  /** What a test did not let stand, by file, so that it is not tried at every event. */
  readonly #refused = new Map<string, string>();
  /** Programs and groups that are still to get SIGHUP. */
  readonly #toReload = new Set<string>();
  #timer: Timer | null = null;
  #timerAtMs = 0;
  #isApplying = false;
  /** Something has changed since the files were last written. */
  #isChanged = false;
  readonly #waiting: ((applied: Applied) => void)[] = [];
  #isClosed = false;

  constructor(parts: NginxFilesParts) {
    this.#parts = parts;
  }

  /** Before anything starts: checks every address and writes every file. Throws ConfigError. */
  prepare(): void {
    const groups = this.#parts.groups();
    for (const upstream of this.#parts.upstreams()) {
      const change = this.#changeOf(upstream, groups);
      try {
        if (change !== null) this.#put(change);
      } catch (error) {
        throw cannotWrite(upstream, error);
      }
    }
  }

  /** Something happened that may change a file, or whom to reload. */
  changed(): void {
    this.#schedule(burstMs);
  }

  /** The configuration is another: what was refused may be right now. */
  reconsider(): void {
    this.#refused.clear();
  }

  /** Brings the files up to date at once; resolves when that is done, tested and nginx told. */
  apply(): Promise<Applied> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule(urgentMs);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const resolve of this.#waiting.splice(0)) resolve({ problems: new Map(), reloaded: [], pending: new Set() });
  }

  #schedule(delayMs: number): void {
    this.#isChanged = true;
    if (this.#isApplying || this.#isClosed) return;
    const { clock } = this.#parts;
    const atMs = clock.now() + delayMs;
    if (this.#timer !== null && this.#timerAtMs <= atMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    this.#timer = clock.after(delayMs, () => {
      this.#timer = null;
      void this.#applyNow();
    });
  }

  /** Never rejects. */
  async #applyNow(): Promise<void> {
    this.#isApplying = true;
    this.#isChanged = false;
    const waiting = this.#waiting.splice(0);
    const groups = this.#parts.groups();
    const { changes, problems } = this.#writeAll(groups);
    for (const reload of new Set(changes.map(({ upstream }) => upstream.reload))) {
      if (reload === null) continue;
      const its = changes.filter(({ upstream }) => upstream.reload === reload);
      const problem = await this.#test(its, processesNamed(reload, groups));
      if (this.#isClosed) break;
      if (problem === null) {
        this.#toReload.add(reload);
        continue;
      }
      for (const change of its) {
        problems.set(change.upstream.name, problem);
        this.#takeBack(change);
      }
      this.#parts.logger.error(problem);
    }
    // The groups may be others by now.
    const reloaded = this.#isClosed ? [] : await this.#reloadAll({ lookFirst: waiting.length > 0 });
    this.#isApplying = false;
    for (const resolve of waiting) resolve({ problems, reloaded, pending: this.#toReload });
    if (this.#waiting.length > 0) this.#schedule(urgentMs);
    else if (this.#isChanged) this.#schedule(burstMs);
  }

  #writeAll(groups: readonly UpstreamGroup[]): { readonly changes: Change[]; readonly problems: Map<string, string> } {
    const changes: Change[] = [];
    const problems = new Map<string, string>();
    for (const upstream of this.#parts.upstreams()) {
      try {
        const change = this.#changeOf(upstream, groups);
        if (change === null) continue;
        if (this.#refused.get(change.upstream.file) === change.text) {
          problems.set(upstream.name, `the servers of upstream ${upstream.name} were refused before`);
          continue;
        }
        this.#put(change);
        changes.push(change);
      } catch (error) {
        const { message } = cannotWrite(upstream, error);
        problems.set(upstream.name, message);
        this.#parts.logger.error(message);
      }
    }
    return { changes, problems };
  }

  /** Null when the file says so already. */
  #changeOf(upstream: UpstreamConfig, groups: readonly UpstreamGroup[]): Change | null {
    const { file, name } = upstream;
    // One that drains by itself refuses, and nginx turns to the next: no reload is needed for it.
    const leaving = upstream.drain === 'reload' ? this.#parts.leaving() : new Set<string>();
    const servers = serversInFile(membersOf(upstream, groups), leaving);
    const text = renderUpstream(name, servers);
    if (file === null || this.#written.get(file) === text) return null;
    const before = this.#written.get(file) ?? this.#parts.readFile(file);
    return { upstream: { ...upstream, file }, servers, text, before };
  }

  #put({ upstream: { file, name }, servers, text }: Change): void {
    this.#parts.replaceFile(file, text);
    this.#written.set(file, text);
    this.#refused.delete(file);
    this.#parts.logger.info(`upstream ${name}: ${servers.join(', ') || 'nobody'} (${file})`);
  }

  #takeBack({ upstream, text, before }: Change): void {
    this.#refused.set(upstream.file, text);
    // There was none: what reads the file now would not find it, which is no better than what it says.
    if (before === null) return void this.#written.delete(upstream.file);
    try {
      this.#parts.replaceFile(upstream.file, before);
      this.#written.set(upstream.file, before);
    } catch (error) {
      this.#written.delete(upstream.file);
      this.#parts.logger.error(cannotWrite(upstream, error).message);
    }
  }

  /** Answers why the files may not stay; null when they may. */
  async #test(changes: readonly Change[], processes: readonly UpstreamProcess[]): Promise<string | null> {
    const [program] = processes;
    // Nobody is there who could read the files, nor be asked about them.
    if (program === undefined) return null;
    const commands = changes.map(({ upstream }) => upstream.test || `${program.config.options.command} -t`);
    for (const command of new Set(commands)) {
      // A bug on the way is a no, too: all that comes after waits for this.
      const outcome = await program.runBeside(command, testMs).catch((error: unknown) => ({ error: String(error) }));
      if (this.#isClosed) return null;
      const refusal = refusalOf(outcome);
      if (refusal === null) continue;
      const files = changes.map(({ upstream }) => upstream.file).join(', ');
      return printable(`${program.config.name} is not reloaded, ${files} stays as it was: ${command}: ${refusal}`);
    }
    return null;
  }

  async #reloadAll({ lookFirst }: { readonly lookFirst: boolean }): Promise<readonly Generation[]> {
    const reloaded: Generation[] = [];
    for (const name of this.#toReload) {
      const processes = processesNamed(name, this.#parts.groups());
      for (const process of processes) {
        if (process.wireState !== 'RUNNING') continue;
        if (lookFirst) reloaded.push(await generationOf(process.pid, this.#parts.readText));
        this.#reload(process);
      }
      // One that is starting may have read the old file, and cannot take a signal yet: it gets it once it is RUNNING.
      if (!processes.some(({ wireState }) => wireState === 'STARTING')) this.#toReload.delete(name);
    }
    return reloaded;
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
}

/** Why a test does not let a file stand, in one line; null when it does. */
function refusalOf(outcome: RunOutcome): string | null {
  if ('error' in outcome) return outcome.error;
  const { status, said } = outcome;
  if (status !== 'late' && 'code' in status && status.code === 0) return null;
  const how = status === 'late' ? `killed, as it took longer than ${testMs / 1000} s` : describeExit(status);
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return [how, ...lines].join('; ');
}

function cannotWrite(upstream: UpstreamConfig, cause: unknown): ConfigError {
  if (cause instanceof ConfigError) return cause;
  const { name, file, where } = upstream;
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

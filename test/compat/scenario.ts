// A scenario of the conformance suite: one configuration and one script of actions, as data. Played against a daemon, it
// leaves a record; the record of the real supervisord is the golden one that ours is held against.

import type { RequirementName } from '../support/requirements.ts';

export interface Scenario {
  /** A sentence of behaviour, different from every other one: `restarts a process that ended with an unexpected code`. */
  readonly name: string;
  /**
   * What it is about, beyond what steps and records tell by themselves (methods, commands, addresses, faults, event types,
   * flags, signals that steps send): options as `program.startsecs` (the kind of section and the option), anything else by
   * its name in contract.ts: `supervisord --umask`, `supervisorctl -s`, `signal HUP`, `event TICK_3600`.
   */
  readonly shows?: readonly string[];
  /** Sections after the standard head (log, pidfile and childlogdir in the directory, a unix socket, the RPC interface). */
  readonly config: string;
  /** False for a configuration that stands alone. */
  readonly head?: false;
  /** Further files by their path in the directory; those whose text begins with `#!` can be executed. */
  readonly files?: Readonly<Record<string, string>>;
  /** Flags of the daemon instead of `-n`; `-c FILE` is always there. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before the daemon's command, such as `setpriv --bounding-set=-kill`. */
  readonly wrapper?: readonly string[];
  /** What the machine must have beyond koffi (for ours) or supervisord (for the reference). */
  readonly needs?: readonly RequirementName[];
  /** False for a daemon that is not expected to come up, or that nobody can ask: the steps begin at once. */
  readonly comesUp?: false;
  readonly steps: readonly Step[];
  /** Without it ours must leave the same record. With it ours must leave its own golden record, which differs. */
  readonly verdict?: Verdict;
}

/** Where ours is not supervisord: what it does instead, and why. */
export interface Verdict {
  readonly is: 'better' | 'not offered';
  readonly what: string;
  readonly why: string;
  /** The things of the contract (contract.ts) that differ; by default those that the scenario `shows`. */
  readonly about?: readonly string[];
}

/**
 * One action. In every text `{dir}` is the directory of the run, `{port}` (and `{port2}`) a free TCP port, `{user}` an
 * unprivileged user, `{children}` the folder of the child programs (test/fixtures/children), `{node}` the path of Node,
 * `{bin}` the folder of `echo_supervisord_conf` and `pidproxy`.
 */
export type Step =
  /** Calls a method; records the value or the fault. Without `over` through the unix socket of the head. */
  | {
      readonly rpc: string;
      readonly params?: readonly RpcParam[];
      readonly over?: Way;
      readonly pick?: readonly string[];
      readonly unordered?: true;
    }
  /**
   * Runs supervisorctl (ours against ours, the real one against the real one); records output and exit status. A string is
   * cut at blanks. Unless the words have a `-c`, they follow `-c {dir}/ctl.conf`, which names the unix socket of the head.
   */
  | {
      readonly ctl: string | readonly string[];
      readonly input?: string;
      readonly interruptWhen?: string;
      readonly unordered?: true;
    }
  /**
   * `GET /path`; records status, the named headers and the body. A stream is read, and recorded, until `until`. `only` (with
   * the flag g) records instead of the body what of it matches, or what its group takes out; `follows` goes where a redirect
   * leads, as browsers do.
   */
  | {
      readonly http: string;
      readonly over?: Way;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly shows?: readonly string[];
      readonly until?: string;
      readonly only?: RegExp;
      readonly follows?: true;
    }
  /** Sends bytes as they are over a connection of their own and records what comes back until it is closed or `until`. */
  | { readonly raw: string; readonly over?: Way; readonly until?: string }
  /** Runs a shell command in the directory; records output and exit status. */
  | { readonly shell: string }
  /** Runs the daemon's executable to its end with these flags (nothing is added); records output and exit status. */
  | { readonly daemon: readonly string[] }
  /** Sends a signal to the daemon, or to the process of that name. */
  | { readonly signal: string; readonly to?: string }
  /** Writes a file; the main one, `supervisord.conf`, gets the head in front again. */
  | { readonly write: string; readonly text: string }
  /** Records the text of a file, or that there is none; `unordered` sorts its lines, `only` keeps the lines that match. */
  | { readonly read: string; readonly only?: RegExp; readonly unordered?: true }
  /** Records the names (and with `modes` the permissions) of the files that match a glob. */
  | { readonly list: string; readonly modes?: true }
  /** Records what the activity log says since the start, or the lines that match; levels without times. */
  | { readonly messages: RegExp | 'all'; readonly unordered?: true }
  /** Waits for a state of the process, asked for over the unix socket of the head or another way. */
  | { readonly waitFor: string; readonly state: string; readonly over?: Way }
  | { readonly waitForMessage: RegExp; readonly count?: number }
  | { readonly waitForText: string; readonly in: string; readonly count?: number }
  | { readonly waitForFile: string }
  /** Waits for the end of a daemon that was told to end or must end by itself; records its exit status and stderr. */
  | { readonly waitForEnd: true };

/** By name for what `{port}` and the like stand in; numbers as `<int>`, strings as `<string>`. */
export type RpcParam = string | number | boolean | readonly RpcParam[] | { readonly [name: string]: RpcParam };

/** Another way in than the unix socket of the head. */
export interface Way {
  /** `{port}` of a server on 127.0.0.1, or a socket by its path. */
  readonly to?: string;
  /** `user:password`. */
  readonly auth?: string;
}

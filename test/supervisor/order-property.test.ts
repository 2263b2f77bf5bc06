// Random graphs of dependencies under random luck. What is expected is worked out here once more, from events and states
// alone: who may be spawned, who may wait on, who may be stopped, and that all of it ends.

import { expect } from 'chai';
import * as fc from 'fast-check';
import { isStopped } from '../../src/base/states.ts';
import type { Dependency } from '../../src/config/depends-on.ts';
import type { GroupConfig } from '../../src/config/programs.ts';
import type { ManagedProcess } from '../../src/process/managed-process.ts';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

const condition = fc.constantFrom<Dependency['until']>('started', 'ready', 'completed');

/** A group of equal processes; its edges lead to groups before it in the list, so there is no circle. */
const vertex = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  edges: fc.array(fc.record({ target: fc.nat(20), until: condition, atLeast: fc.nat(3) }), { maxLength: 3 }),
  priority: fc.nat(3),
  options: fc.record({
    startsecs: fc.nat(2),
    startretries: fc.nat(2),
    autostart: fc.boolean(),
    autorestart: fc.constantFrom<boolean | 'unexpected'>(true, false, 'unexpected'),
  }),
});
type Vertex = typeof vertex extends fc.Arbitrary<infer T> ? T : never;

const script = fc.array(
  fc.record({ what: fc.constantFrom('end', 'start', 'stop', 'pass'), who: fc.nat(99), code: fc.nat(1) }),
  { maxLength: 80 },
);

function groupsOf(vertices: readonly Vertex[]): readonly GroupConfig[] {
  return vertices.map(({ size, edges, priority, options }, index) => {
    const depends_on = edges
      .filter(() => index > 0)
      .map(({ target, until, atLeast }): Dependency => {
        const most = vertices[target % index]?.size ?? 1;
        const counts = until === 'ready' && atLeast > 0;
        return { name: nameOf(target % index), until, atLeast: counts ? Math.min(atLeast, most) : null };
      });
    const names = Array.from({ length: size }, (_, number) => `${nameOf(index)}-${number}`);
    return groupConfig(
      nameOf(index),
      priority,
      names.map((name) => processConfig(name, { ...options, depends_on })),
    );
  });
}

/** Falling, so that names and dependencies never agree by themselves. */
const nameOf = (index: number): string => `p${99 - index}`;

/** A daemon that checks itself: expectations are thrown out of what the test makes it do. */
function makeWatched(groups: readonly GroupConfig[]) {
  const made = makeSupervisor(groups);
  const { supervisor, host, bus } = made;
  const members = (name: string): readonly ManagedProcess[] => supervisor.findGroup(name)?.processes ?? [];
  const dependents = (process: ManagedProcess): ManagedProcess[] => {
    const direct = groups
      .flatMap(({ name }) => members(name))
      .filter(({ config }) => config.options.depends_on.some(({ name }) => name === process.group));
    return [...direct, ...direct.flatMap(dependents)];
  };
  /** States that were passed through since the last step of the script, and how the present start of each began. */
  const passed = new Set<string>();
  const begun = new Map<string, 'by itself' | 'by wish'>();
  let dying = '';
  let isEnding = false;
  bus.subscribe((event) => {
    if (event.type !== 'PROCESS_STATE') return;
    const { process, to, from, expected } = event;
    passed.add(`${process} ${to}${expected ? ' as expected' : ''}`);
    const isRestart = from === 'BACKOFF' || (from === 'EXITED' && dying === process);
    if (to === 'STARTING') begun.set(process, isRestart ? 'by itself' : 'by wish');
  });
  const holds = ({ config, wireState, pid, endedAsExpected }: ManagedProcess, until: Dependency['until']): boolean => {
    if (until === 'started') return wireState === 'EXITED' || (pid !== 0 && wireState !== 'STOPPING');
    if (until === 'ready') return wireState === 'RUNNING' || passed.has(`${config.name} RUNNING`);
    return endedAsExpected || passed.has(`${config.name} EXITED as expected`);
  };
  const isMet = ({ name, until, atLeast }: Dependency): boolean =>
    members(name).filter((member) => holds(member, until)).length >= (atLeast ?? members(name).length);
  const spawn = host.spawn.bind(host);
  host.spawn = (order, onExit) => {
    const process = made.find(order.name);
    expect(isEnding, `${order.name} is spawned during a shutdown`).to.equal(false);
    if (begun.get(order.name) === 'by wish') {
      const unmet = process.config.options.depends_on.filter((dependency) => !isMet(dependency));
      expect(unmet, `${order.name} is spawned too early`).to.deep.equal([]);
    }
    return spawn(order, onExit);
  };
  const signal = host.signal.bind(host);
  host.signal = (order) => {
    const process = made.find(host.spawned[order.pid - 100]?.name ?? '');
    const alive = isEnding ? dependents(process).filter(({ wireState }) => !isStopped(wireState)) : [];
    expect(
      alive.map(({ config }) => config.name),
      `${process.config.name} is stopped too early`,
    ).to.deep.equal([]);
    return signal(order);
  };
  return {
    ...made,
    processes: () => groups.flatMap(({ name }) => members(name)),
    /** Nobody waits without reason, or without hope. */
    checkWaits(): void {
      passed.clear();
      for (const process of groups.flatMap(({ name }) => members(name)).filter(({ isWaiting }) => isWaiting)) {
        const unmet = process.config.options.depends_on.filter((dependency) => !isMet(dependency));
        expect(unmet, `${process.config.name} waits for nothing`).not.to.deep.equal([]);
        for (const { name, until, atLeast } of unmet) {
          const hopeful = members(name).filter(
            (member) => holds(member, until) || !['EXITED', 'FATAL'].includes(member.wireState),
          );
          const enough = atLeast ?? members(name).length;
          expect(hopeful.length, `${process.config.name} waits for ${name} in vain`).to.be.at.least(enough);
        }
      }
    },
    end(process: ManagedProcess | undefined, code: number): void {
      if (process === undefined || !host.living.includes(process.pid)) return;
      dying = process.config.name;
      host.end(process.pid, { code });
      dying = '';
    },
    shutdown(): void {
      isEnding = true;
      supervisor.shutdown();
    },
  };
}

describe('any graph of dependencies under any luck', () => {
  it('is started in order, waits for nothing in vain, is stopped in reverse, and ends', async () => {
    const property = fc.asyncProperty(
      fc.array(vertex, { minLength: 1, maxLength: 7 }),
      script,
      fc.infiniteStream(fc.nat(99)),
      async (vertices, steps, picks) => {
        const made = makeWatched(groupsOf(vertices));
        made.supervisor.addConfiguredGroups();
        made.supervisor.start();
        made.checkWaits();
        const all = made.processes();
        for (const { what, who, code } of steps) {
          const process = all[who % all.length];
          if (what === 'pass') made.clock.advance(1000);
          else if (what === 'end') made.end(process, code);
          else if (what === 'start') process?.start();
          else process?.stop();
          made.checkWaits();
        }
        made.shutdown();
        for (const pick of picks) {
          const living = all.filter(({ pid }) => pid !== 0);
          if (living.length === 0) break;
          const ordered = living.filter(({ wireState }) => wireState === 'STOPPING');
          expect(ordered.length, 'somebody is on the way down').to.be.above(0);
          made.end(living[pick % living.length], pick % 2);
        }
        expect(await made.supervisor.ended).to.equal('shutdown');
        expect(made.clock.pending).to.equal(0);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

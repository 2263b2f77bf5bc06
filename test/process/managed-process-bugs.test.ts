// What a thrown error costs a process, at each seam: never a state that does not come to its end, nor an exit status.
import { expect } from 'chai';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { SupervisorEvent } from '../../src/events/events.ts';
import { Mishaps } from '../../src/logs/mishaps.ts';
import { ManagedProcess } from '../../src/process/managed-process.ts';
import type { ProcessSurroundings } from '../../src/process/surroundings.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fakeChannels, FakeHost } from '../support/fake-host.ts';
import { makeSupervisor, processConfig } from '../support/make-process.ts';

/** A process whose surroundings are partly broken, and what was told of it. */
function broken(
  break_: (parts: { host: FakeHost; channels: ReturnType<typeof fakeChannels> }) => Partial<ProcessSurroundings>,
  options: Partial<ProgramOptions> = {},
) {
  const clock = new FakeClock();
  const host = new FakeHost();
  const channels = fakeChannels();
  const { logger } = makeSupervisor([]);
  const stacks: string[] = [];
  const events: SupervisorEvent[] = [];
  const process: ManagedProcess = new ManagedProcess(processConfig('x', { autorestart: false, ...options }), {
    group: 'x',
    host,
    clock,
    logger,
    mishaps: new Mishaps({ clock, crit: (text) => stacks.push(text) }),
    channels,
    socket: null,
    environment: () => ({ variables: {} }),
    newMark: null,
    mayStart: () => true,
    order: { prepare: () => null, describeWait: () => '', settled: () => undefined },
    watchdog: null,
    emit: (event) => void events.push(event),
    ...break_({ host, channels }),
  });
  const states = (): string[] => events.flatMap((event) => (event.type === 'PROCESS_STATE' ? [event.to] : []));
  return { process, clock, host, stacks, states };
}

function bug(): never {
  throw new TypeError('a bug');
}

describe('a bug around a process', () => {
  it('in whoever hears of its states takes no state away', () => {
    const { process, clock, host, stacks } = broken(() => ({ emit: bug }));
    process.start();
    clock.advance(1000);
    expect(process.wireState).to.equal('RUNNING');
    host.end(process.pid, { code: 5 });
    expect(process).to.include({ wireState: 'EXITED', exitStatus: 5 });
    expect(stacks[0]).to.match(/^unexpected: TypeError: a bug\n +at .*managed-process-bugs/);
  });

  it('in the log takes no state away', () => {
    const { logger } = makeSupervisor([]);
    const { process, clock, host } = broken(() => ({ logger: { ...logger, info: bug, warn: bug, debug: bug } }));
    process.start();
    clock.advance(1000);
    expect(process.wireState).to.equal('RUNNING');
    process.stop();
    expect(host.signals).to.have.length(1);
    host.end(process.pid, { code: 0 });
    expect(process.wireState).to.equal('STOPPED');
  });

  it('in taking over its output leaves it a process like any other', () => {
    const { process, clock, host, stacks, states } = broken(({ channels }) => ({
      channels: { ...channels, attach: bug },
    }));
    process.start();
    expect(process).to.include({ wireState: 'STARTING', pid: 100 });
    clock.advance(1000);
    host.end(100, { signal: 9, core: false });
    expect(process).to.include({ wireState: 'EXITED', exitStatus: -1 });
    expect(states()).to.deep.equal(['STARTING', 'RUNNING', 'EXITED']);
    expect(stacks).to.have.length(1);
  });

  it('in what it wrote last does not lose its exit status', () => {
    const { process, clock, host, stacks } = broken(({ channels }) => ({ channels: { ...channels, finish: bug } }));
    process.start();
    clock.advance(1000);
    host.end(process.pid, { code: 42 });
    expect(process).to.include({ wireState: 'EXITED', exitStatus: 42 });
    expect(stacks).to.have.length(1);
  });

  it('in sending its stop signal leaves it to the SIGKILL after stopwaitsecs', () => {
    let calls = 0;
    const { process, clock, host } = broken((parts) => ({
      host: {
        findCommand: (command) => parts.host.findCommand(command),
        spawn: (order, onExit) => parts.host.spawn(order, onExit),
        resizePipe: null,
        listen: null,
        endTree: (tree, done) => parts.host.endTree(tree, done),
        readProblem: () => null,
        signal: (order) => ((calls += 1) === 1 ? bug() : parts.host.signal(order)),
      },
    }));
    process.start();
    clock.advance(1000);
    process.stop();
    clock.advance(10_000);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([9]);
    host.end(process.pid, { signal: 9, core: false });
    expect(process.wireState).to.equal('STOPPED');
  });

  it('in ending what it left behind delays the news of its end by a second at most', () => {
    const { process, clock, host, stacks } = broken(
      (parts) => ({
        host: {
          findCommand: (command) => parts.host.findCommand(command),
          spawn: (order, onExit) => parts.host.spawn(order, onExit),
          signal: (order) => parts.host.signal(order),
          resizePipe: null,
          listen: null,
          endTree: bug,
          readProblem: () => null,
        },
      }),
      { killastree: true },
    );
    process.start();
    clock.advance(1000);
    host.end(process.pid, { code: 3 });
    expect(stacks).to.have.length(1);
    clock.advance(1000);
    expect(process).to.include({ wireState: 'EXITED', exitStatus: 3 });
  });

  it('in its shared socket is a failed start', () => {
    const { process } = broken(() => ({ socket: { acquire: bug, release: bug, becomes: 'stdin' } }));
    process.start();
    expect(process).to.include({ wireState: 'BACKOFF', spawnError: "unexpected problem spawning 'x': a bug" });
  });

  it('answers those who wait for its change all the same', async () => {
    const { process } = broken(() => ({ emit: bug }));
    const changed = process.changed();
    process.start();
    await changed;
  });
});

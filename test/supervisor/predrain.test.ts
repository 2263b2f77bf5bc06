import { expect } from 'chai';
import { groupConfig, makeSupervisor, processConfig } from '../support/make-process.ts';

function running(options: { predrain: number; shutdown_timeout?: number | null }) {
  const made = makeSupervisor([groupConfig('web', 1, [processConfig('web', { autorestart: true })])]);
  const { supervisor, file, clock } = made;
  Object.assign(file, { supervisord: { ...file.supervisord, ...options } });
  supervisor.reread();
  supervisor.addConfiguredGroups();
  supervisor.start();
  clock.advance(1000);
  return made;
}

describe('predrain', () => {
  it('lets everything serve on for that long, and then begins the stop', async () => {
    const { supervisor, clock, host, find, events } = running({ predrain: 5 });
    supervisor.shutdown();
    expect([supervisor.state, supervisor.isShuttingDown, supervisor.isEnding]).to.deep.equal(['RUNNING', true, true]);
    clock.advance(4999);
    expect(host.signals).to.deep.equal([]);
    expect(events.at(-1)).not.to.have.property('type', 'SUPERVISOR_STATE_CHANGE');
    clock.advance(1);
    expect(supervisor.state).to.equal('SHUTDOWN');
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15]);
    host.end(find('web').pid, { code: 0 });
    expect(await supervisor.ended).to.equal('shutdown');
  });

  it('restarts what crashes meanwhile, and takes a start', () => {
    const { supervisor, clock, host, find } = running({ predrain: 5 });
    supervisor.shutdown();
    const { pid } = find('web');
    host.end(pid, { signal: 9, core: false });
    expect(find('web').pid).not.to.equal(0);
    expect(find('web').pid).not.to.equal(pid);
    clock.advance(1000);
    expect(find('web').wireState).to.equal('RUNNING');
  });

  it('is not made longer by another request to end, and no restart takes its place', () => {
    const { supervisor, clock, host } = running({ predrain: 5 });
    supervisor.shutdown();
    clock.advance(3000);
    supervisor.shutdown();
    expect(supervisor.restart()).to.equal(false);
    clock.advance(2000);
    expect(supervisor.state).to.equal('SHUTDOWN');
    expect(host.signals).to.have.length(1);
  });

  it('counts as part of shutdown_timeout, and is no longer than it', () => {
    const { supervisor, clock, host } = running({ predrain: 5, shutdown_timeout: 7 });
    supervisor.shutdown();
    clock.advance(7000);
    expect(host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);

    const short = running({ predrain: 5, shutdown_timeout: 3 });
    short.supervisor.shutdown();
    short.clock.advance(3000);
    expect(short.host.signals.map(({ signal }) => signal)).to.deep.equal([15, 9]);
    expect(short.supervisor.state).to.equal('SHUTDOWN');
  });

  it('is left out where the stop is wanted at once, by a restart too', () => {
    const { supervisor, host } = running({ predrain: 5 });
    supervisor.shutdown({ atOnce: true });
    expect(host.signals).to.have.length(1);
    const other = running({ predrain: 5 });
    expect(other.supervisor.restart()).to.equal(true);
    expect(other.host.signals).to.have.length(1);
    other.supervisor.shutdown();
    expect(other.supervisor.state).to.equal('SHUTDOWN');
  });

  it('is cut short by what wants the stop at once', () => {
    const { supervisor, host, clock } = running({ predrain: 5 });
    supervisor.shutdown();
    supervisor.shutdown({ atOnce: true });
    expect(host.signals).to.have.length(1);
    expect(clock.pending).to.equal(2);
  });
});

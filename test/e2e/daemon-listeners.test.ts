// Event listeners beside a daemon: what they are told, what their answers do, and that none of them can hurt it.
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A pool of one listener that notes the events it gets in the file of its name. */
function pool(name: string, { options = '', flags = '' }: { options?: string; flags?: string } = {}): string {
  return `
[eventlistener:${name}]
command=${process.execPath} ${child('listener.cjs')} %(here)s/${name} ${flags}
startsecs=0
${options}
`;
}

/** A program that says so many messages as fast as it is read. */
function speaker({ messages }: { readonly messages: number }): string {
  return `
[program:speaker]
command=${process.execPath} ${child('speaks.cjs')} ${messages}
startsecs=0
autorestart=false
stdout_capture_maxbytes=1KB
`;
}

interface Told {
  readonly serial: number;
  readonly poolSerial: number;
  readonly type: string;
  readonly payload: string;
}

function told(daemon: Daemon, name: string): Told[] {
  return daemon.lines(name).map((line) => {
    const parts = / serial:(\d+) pool:\S+ poolserial:(\d+) eventname:(\S+) len:\d+ \| (.*)$/.exec(line);
    if (parts === null) throw new Error(`no event: ${line}`);
    const [, serial, poolSerial, type = '', payload = ''] = parts;
    const text: unknown = JSON.parse(payload);
    return { serial: Number(serial), poolSerial: Number(poolSerial), type, payload: String(text) };
  });
}

/** Waits until the listener was told of `count` events and returns all it was told. */
async function waitForEvents(daemon: Daemon, { name, count }: { name: string; count: number }): Promise<Told[]> {
  const enough = (): Told[] | null => {
    const events = told(daemon, name);
    return events.length >= count ? events : null;
  };
  return await waitUntil(enough, { what: () => `${count} events in ${daemon.read(name)}\n${daemon.output}` });
}

describeStory('telling event listeners', (mode) => {
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(mode, {
      config: `
${pool('all', { options: 'events=PROCESS_STATE,PROCESS_GROUP,SUPERVISOR_STATE_CHANGE\nbuffer_size=100' })}
${pool('choosy', { options: 'events=REMOTE_COMMUNICATION\nautorestart=true', flags: 'reject=1 die=4' })}
[program:once]
command=${child('exits-with.sh')} 3
autostart=false
startsecs=0
autorestart=false
`,
    });
    await daemon.waitForState('choosy', 'RUNNING');
  });

  after(() => daemon.stop());

  it('tells a pool first that its own group was added', async () => {
    const [first, second] = await waitForEvents(daemon, { name: 'all', count: 3 });
    expect(first).to.deep.equal({ serial: 0, poolSerial: 0, type: 'PROCESS_GROUP_ADDED', payload: 'groupname:all\n' });
    expect(second?.payload).to.equal('groupname:choosy\n');
  });

  it('tells of every change of a process, in order', async () => {
    await daemon.call('startProcess', 'once', false);
    const events = await waitUntil(
      () => {
        const its = told(daemon, 'all').filter(({ payload }) => payload.startsWith('processname:once '));
        return its.length >= 3 ? its : null;
      },
      { what: () => `three events of once in ${daemon.read('all')}` },
    );
    expect(events.map(({ type, payload }) => `${type} ${payload.replace(/pid:[1-9]\d*/, 'pid:PID')}`)).to.deep.equal([
      'PROCESS_STATE_STARTING processname:once groupname:once from_state:STOPPED tries:0',
      'PROCESS_STATE_RUNNING processname:once groupname:once from_state:STARTING pid:PID',
      'PROCESS_STATE_EXITED processname:once groupname:once from_state:RUNNING expected:0 pid:PID',
    ]);
    const serials = told(daemon, 'all').map(({ serial }) => serial);
    expect(serials).to.deep.equal(serials.toSorted((a, b) => a - b));
  });

  it('sends again what was rejected, and what a listener had when it died, with the same serials', async () => {
    for (const data of ['a', 'b', 'c', 'd']) await daemon.call('sendRemoteCommEvent', 'mail', data);
    const events = await waitForEvents(daemon, { name: 'choosy', count: 6 });
    expect(events.map(({ payload }) => payload.slice('type:mail\n'.length))).to.deep.equal([
      'a',
      'a',
      'b',
      'c',
      'c',
      'd',
    ]);
    expect(events.map(({ poolSerial }) => poolSerial)).to.deep.equal([0, 0, 1, 2, 2, 3]);
    expect(events[0]?.serial).to.equal(events[1]?.serial);
    expect(events[3]?.serial).to.equal(events[4]?.serial);
  });

  it('goes on counting serials in the life after a HUP, where pool serials begin anew', async () => {
    const before = told(daemon, 'all').at(-1)?.serial ?? 0;
    daemon.signal('SIGHUP');
    const [, added] = await waitUntil(
      () => {
        const its = told(daemon, 'all').filter(({ payload }) => payload === 'groupname:all\n');
        return its.length === 2 ? its : null;
      },
      { what: () => `the pool to be added again in ${daemon.read('all')}\n${daemon.output}`, deadlineMs: 30_000 },
    );
    expect(added?.poolSerial).to.equal(0);
    expect(added?.serial).to.be.greaterThan(before);
  });
});

describeStory('surviving event listeners', (mode) => {
  const daemons: Daemon[] = [];
  const start = async (config: string): Promise<Daemon> => {
    const daemon = await startDaemon(mode, { config });
    daemons.push(daemon);
    return daemon;
  };

  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon.stop();
  });

  it('sends a big event whole to a listener that reads it bit by bit', async () => {
    const daemon = await start(pool('l', { options: 'events=REMOTE_COMMUNICATION' }));
    const data = `${'é'.repeat(100_000)}!`;
    await daemon.call('sendRemoteCommEvent', 'big', data);
    await daemon.call('sendRemoteCommEvent', 'small', 'x');
    const [big, small] = await waitForEvents(daemon, { name: 'l', count: 2 });
    expect(big?.payload === `type:big\n${data}`, 'the big event is whole').to.equal(true);
    expect(small?.payload).to.equal('type:small\nx');
  });

  it('keeps no more than its buffer for a listener that answers without reading', async () => {
    const options = 'events=REMOTE_COMMUNICATION\nbuffer_size=5\nstdout_logfile=%(here)s/l.log';
    const daemon = await start(pool('l', { options, flags: 'unread' }));
    const data = 'x'.repeat(1024 * 1024);
    await daemon.call('sendRemoteCommEvent', 'big', data);
    await waitUntil(() => daemon.read('l.log') === 'READY\nRESULT 2\nOKREADY\n', { what: () => daemon.read('l.log') });
    for (let count = 0; count < 20; count += 1) await daemon.call('sendRemoteCommEvent', 'big', data);
    expect(daemon.messages.filter((line) => /event buffer overflowed/.test(line))).to.have.length(15);
  });

  it('makes a program wait that speaks faster than its listener answers, and loses none of its messages', async () => {
    const daemon = await start(`
${pool('l', { options: 'events=PROCESS_COMMUNICATION\nbuffer_size=3' })}
${speaker({ messages: 2000 })}`);
    const events = await waitForEvents(daemon, { name: 'l', count: 2000 });
    const words = events.map(({ payload }) => payload.replace(/^.*\n/, ''));
    expect(words).to.deep.equal(Array.from({ length: 2000 }, (_, index) => `message ${index}`));
    expect(daemon.messages.filter((line) => /event buffer overflowed/.test(line))).to.deep.equal([]);
  });

  it('reads a program on after a few seconds when its listener hangs, and stops one at once that waits for it', async () => {
    const daemon = await start(`
${pool('l', { options: 'events=PROCESS_COMMUNICATION', flags: 'mute=1' })}
${speaker({ messages: 10_000 })}`);
    await daemon.waitForMessage(/^ERRO pool l event buffer overflowed, discarding event 5000$/);
    await daemon.waitForMessage(/exited: speaker \(exit status 0; expected\)/);
    expect(told(daemon, 'l')).to.have.length(1);
    await daemon.call('stopProcess', 'l');
    await daemon.call('startProcess', 'l');
    await daemon.call('startProcess', 'speaker');
    await daemon.call('stopProcess', 'speaker');
    expect((await daemon.info('speaker')).statename).to.be.oneOf(['STOPPED', 'EXITED']);
  });

  it('gives up a listener whose line does not end, and sends its event to the next', async () => {
    const options = 'events=REMOTE_COMMUNICATION\nnumprocs=2\nprocess_name=l%(process_num)d';
    const daemon = await start(pool('l', { options, flags: 'endless=1' }));
    await daemon.waitForState('l:l0', 'RUNNING');
    await daemon.waitForState('l:l1', 'RUNNING');
    await daemon.call('sendRemoteCommEvent', 't', 'x');
    const events = await waitForEvents(daemon, { name: 'l', count: 2 });
    expect(events.map(({ serial }) => serial)).to.deep.equal([0, 0]);
    await daemon.waitForMessage(/^WARN l\d: has entered the UNKNOWN state/);
  });

  it('lives on with listeners that close their stdin, say nothing or never answer', async () => {
    const daemon = await start(`
${pool('deaf', { options: 'events=EVENT', flags: 'deaf' })}
${pool('silent', { options: 'events=EVENT', flags: 'first=' })}
${pool('mute', { options: 'events=EVENT', flags: 'mute=1' })}
${pool('good', { options: 'events=REMOTE_COMMUNICATION\nbuffer_size=30' })}
`);
    for (const name of ['deaf', 'silent', 'mute', 'good']) await daemon.waitForState(name, 'RUNNING');
    for (let count = 0; count < 30; count += 1) await daemon.call('sendRemoteCommEvent', 't', String(count));
    const events = await waitForEvents(daemon, { name: 'good', count: 30 });
    expect(events.at(-1)?.payload).to.equal('type:t\n29');
    for (const name of ['deaf', 'silent', 'mute']) {
      expect((await daemon.info(name)).statename, name).to.equal('RUNNING');
      await daemon.waitForMessage(new RegExp(`^ERRO pool ${name} event buffer overflowed`));
    }
  });

  it('tells listeners of the end of all others, for which they have a second, before they are stopped', async () => {
    const daemon = await start(`
${pool('l', { options: 'events=SUPERVISOR_STATE_CHANGE,PROCESS_STATE_STOPPED\nbuffer_size=100' })}
[program:a]
command=${child('stays.sh')}
[program:b]
command=${child('stays.sh')}
`);
    await waitForEvents(daemon, { name: 'l', count: 1 });
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    // On a machine that stands still the listener may miss the last ones, but not without having had its second.
    if (told(daemon, 'l').length < 4) {
      expect(logTime(daemon, /stopped: l /) - logTime(daemon, /stopped: a /)).to.be.at.least(990);
      return;
    }
    expect(told(daemon, 'l').map(({ type, payload }) => `${type} ${payload.split(' ')[0] ?? ''}`)).to.deep.equal([
      'SUPERVISOR_STATE_CHANGE_RUNNING ',
      'SUPERVISOR_STATE_CHANGE_STOPPING ',
      'PROCESS_STATE_STOPPED processname:b',
      'PROCESS_STATE_STOPPED processname:a',
    ]);
  });
});

/** Milliseconds of the day at which the activity log has a line that matches. */
function logTime(daemon: Daemon, pattern: RegExp): number {
  const line = daemon.output.split('\n').find((each) => pattern.test(each)) ?? '';
  const [, hours, minutes, seconds, ms] = /^\S+ (\d+):(\d+):(\d+),(\d+)/.exec(line) ?? [];
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms);
}

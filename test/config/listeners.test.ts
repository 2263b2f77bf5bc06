import { expect } from 'chai';
import { diffConfig } from '../../src/config/diff.ts';
import type { GroupConfig } from '../../src/config/programs.ts';
import { configError, makeConfig, withoutDirectory } from '../support/make-config.ts';

function pool(options: string, name = 'lst'): string {
  return `[eventlistener:${name}]\ncommand=x\n${options}\n`;
}

function groupOf(text: string): GroupConfig | undefined {
  return makeConfig(text).groups[0];
}

describe('a pool of event listeners in the file', () => {
  it('has what it subscribed to, ten events of buffer and a priority before all programs', () => {
    const { groups } = makeConfig(`[program:a]\ncommand=x\n${pool('events=process_state, TICK_60,PROCESS_STATE')}`);
    expect(groups.map(({ name, priority }) => [name, priority])).to.deep.equal([
      ['lst', -1],
      ['a', 999],
    ]);
    const [listener] = groups;
    expect(listener).to.deep.include({
      kind: 'eventlistener',
      listener: { events: ['PROCESS_STATE', 'TICK_60'], bufferSize: 10 },
    });
    expect(listener?.processes.map(({ options }) => options.priority)).to.deep.equal([999]);
  });

  it('has its own priority also for its processes, and as many as numprocs says', () => {
    const group = groupOf(
      pool('events=EVENT\npriority=5\nbuffer_size=1\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)d'),
    );
    expect(group?.priority).to.equal(5);
    expect(group?.processes.map(({ name, options }) => [name, options.priority])).to.deep.equal([
      ['lst_0', 5],
      ['lst_1', 5],
    ]);
  });

  it('takes the default handler of results, by its name', () => {
    const group = groupOf(pool('events=EVENT\nresult_handler=supervisor.dispatchers : default_handler'));
    expect(group?.kind).to.equal('eventlistener');
  });

  it('knows its options, and those of a program', () => {
    const { messages } = makeConfig(pool('events=EVENT\nbufer_size=5\nautorestart=true'));
    expect(messages.map(({ text }) => withoutDirectory(text))).to.deep.equal([
      'DIR/supervisord.conf:5: unknown option bufer_size in [eventlistener:lst], did you mean buffer_size?',
    ]);
  });

  it('is told which options have no effect on its stdout', () => {
    const { messages } = makeConfig(
      pool(
        'events=EVENT\nstdout_syslog=true\nstdout_events_enabled=false\nstdout_capture_maxbytes=1KB\nstderr_syslog=true',
      ),
    );
    expect(messages.map(({ level, text }) => `${level} ${withoutDirectory(text)}`)).to.deep.equal([
      'warn DIR/supervisord.conf:7: stdout_capture_maxbytes in [eventlistener:lst] has no effect: its stdout carries the protocol',
      'warn DIR/supervisord.conf:5: stdout_syslog in [eventlistener:lst] has no effect: its stdout carries the protocol',
    ]);
  });

  const errors: readonly (readonly [string, string, RegExp])[] = [
    [
      '',
      '[eventlistener:lst] section requires an "events" line',
      /^DIR\/supervisord.conf:2: \[eventlistener:lst\] events; accepted: /,
    ],
    ['events=', '[eventlistener:lst] section requires an "events" line', /:4: .* events=; accepted: /],
    [
      'events=TICK_5,',
      'Unknown event type  in [eventlistener:lst] events',
      /events=TICK_5,; accepted: EVENT, PROCESS_STATE,/,
    ],
    [
      'events=tick_60,process_state_runing',
      'Unknown event type PROCESS_STATE_RUNING in [eventlistener:lst] events',
      /, PROCESS_HEALTH, did you mean PROCESS_STATE_RUNNING\?$/,
    ],
    [
      'events=EVENT\nbuffer_size=0',
      '[eventlistener:lst] section sets invalid buffer_size (0)',
      /:5: \[eventlistener:lst\] buffer_size=0; accepted: a whole number from 1$/,
    ],
    ['events=EVENT\nbuffer_size=x', "invalid literal for int() with base 10: 'x'", /buffer_size=x/],
    ['events=EVENT\npriority=x', "invalid literal for int() with base 10: 'x'", /priority=x/],
    [
      'events=EVENT\nresult_handler=mine:handler',
      'mine:handler cannot be resolved within [eventlistener:lst]',
      /result_handler=mine:handler; accepted: supervisor\.dispatchers:default_handler \(other handlers are Python\)$/,
    ],
    [
      'events=EVENT\nredirect_stderr=yes',
      '[eventlistener:lst] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol',
      /redirect_stderr=yes; accepted: false/,
    ],
    ['buffer_size=0\nresult_handler=x', '[eventlistener:lst] section sets invalid buffer_size (0)', /buffer_size/],
    ['result_handler=x', 'x cannot be resolved within [eventlistener:lst]', /result_handler/],
    ['events=no\nredirect_stderr=yes', 'Unknown event type NO in [eventlistener:lst] events', /events=no/],
  ];
  for (const [options, message, detail] of errors) {
    it(`says ${message} for ${JSON.stringify(options)}, and where`, () => {
      const error = configError(pool(options));
      expect(error.message).to.equal(message);
      expect(error.detail).to.match(detail);
    });
  }

  it('checks the name where its processes are read', () => {
    expect(configError(pool('events=EVENT', 'a b')).message).to.equal(
      "Invalid name: 'a b' because of character: ' ' in section 'eventlistener:a b' (file: 'DIR/supervisord.conf')",
    );
  });

  it('needs a command', () => {
    expect(configError('[eventlistener:lst]\nevents=EVENT\n').message).to.match(
      /^program section eventlistener:lst does not specify a command in section /,
    );
  });

  it('cannot be in a [group]', () => {
    expect(configError(`${pool('events=EVENT')}[group:g]\nprograms=lst\n`).message).to.equal(
      '[group:g] names unknown program or fcgi-program lst',
    );
  });
});

describe('a reread', () => {
  const changes: readonly (readonly [string, string, readonly string[]])[] = [
    ['events=TICK_5,EVENT', 'events=EVENT,TICK_5', []],
    ['events=TICK_5', 'events=TICK_5,TICK_60', ['events TICK_5 -> TICK_5,TICK_60']],
    ['events=TICK_5', 'events=TICK_5\nbuffer_size=20', ['buffer_size 10 -> 20']],
    ['events=TICK_5', 'events=TICK_5\npriority=3', ['priority -1 -> 3', 'priority 999 -> 3']],
    ['events=TICK_5', 'events=TICK_5\nstartsecs=0', ['startsecs 1 -> 0']],
  ];
  for (const [before, after, reasons] of changes) {
    it(`finds ${reasons.join(' and ') || 'nothing'} between ${before} and ${JSON.stringify(after)}`, () => {
      const { changed } = diffConfig(makeConfig(pool(before)).groups, makeConfig(pool(after)).groups);
      expect(changed.flatMap((change) => change.reasons)).to.deep.equal(reasons);
    });
  }

  it('tells a listener from a program of the same name', () => {
    const program = makeConfig('[program:lst]\ncommand=x\npriority=-1\n').groups;
    const { changed } = diffConfig(program, makeConfig(pool('events=EVENT\npriority=-1')).groups);
    expect(changed.flatMap((change) => change.reasons)).to.deep.equal(['kind program -> eventlistener']);
  });
});

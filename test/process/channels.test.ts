import { expect } from 'chai';
import type { ProgramOptions } from '../../src/config/options.ts';
import { SharedReading } from '../../src/logs/output.ts';
import { Channels, type ChannelsSetting } from '../../src/process/channels.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { makeSupervisor, processConfig } from '../support/make-process.ts';

const stdout = { kind: 'file', path: '/dev/stdout' } as const;
const stderr = { kind: 'file', path: '/dev/fd/2' } as const;

/** Where a child of such a program writes to. */
function destinations(options: Partial<ProgramOptions>, setting: Partial<ChannelsSetting> = {}): string[] {
  const clock = new FakeClock();
  const { lines, logger } = makeSupervisor([]);
  const channels = new Channels({
    name: 'web',
    group: 'web',
    options: processConfig('web', { stdout_logfile_maxbytes: 0, stderr_logfile_maxbytes: 0, ...options }).options,
    logger,
    mishaps: { guard: (action) => action() },
    clock,
    reading: new SharedReading(clock),
    stripAnsi: () => false,
    copyToLog: false,
    listener: null,
    syslog: null,
    autoLog: () => '/nowhere',
    emit: () => undefined,
    awaitRoom: () => null,
    ...setting,
  });
  const opened = channels.open();
  channels.close();
  return 'error' in opened ? [opened.error] : [opened.stdout, opened.stderr, ...lines];
}

describe('where a child writes to', () => {
  const passed = { stdout_logfile: stdout, stderr_logfile: stderr };

  it("is the daemon's own stdout and stderr where they are its logs and nobody has to see the bytes", () => {
    expect(destinations(passed)).to.deep.equal(['daemon-stdout', 'daemon-stderr']);
    expect(destinations({ stdout_logfile: stderr, stderr_logfile: stdout })).to.deep.equal([
      'daemon-stderr',
      'daemon-stdout',
    ]);
    expect(destinations({ ...passed, redirect_stderr: true })).to.deep.equal(['daemon-stdout', 'same-as-stdout']);
  });

  const seen: readonly (readonly [string, Partial<ProgramOptions>, Partial<ChannelsSetting>, readonly string[]])[] = [
    ['events of stdout', { stdout_events_enabled: true }, {}, ['pipe', 'daemon-stderr']],
    ['events of stderr', { stderr_events_enabled: true }, {}, ['daemon-stdout', 'pipe']],
    ['capture on stdout', { stdout_capture_maxbytes: 1 }, {}, ['pipe', 'daemon-stderr']],
    ['capture on stderr', { stderr_capture_maxbytes: 1 }, {}, ['daemon-stdout', 'pipe']],
    ['syslog for stdout', { stdout_syslog: true }, {}, ['pipe', 'daemon-stderr']],
    ['syslog for stderr', { stderr_syslog: true }, {}, ['daemon-stdout', 'pipe']],
    ['strip_ansi', {}, { stripAnsi: () => true }, ['pipe', 'pipe']],
    ['loglevel=debug', {}, { copyToLog: true }, ['pipe', 'pipe']],
    [
      'the protocol of a listener',
      {},
      { listener: { heard: () => undefined, drained: () => undefined } },
      ['pipe', 'daemon-stderr'],
    ],
  ];
  for (const [reason, options, setting, expected] of seen) {
    it(`is a pipe where ${reason} has to see it`, () => {
      expect(destinations({ ...passed, ...options }, setting)).to.deep.equal(expected);
    });
  }

  it('is nowhere without a log, unless somebody has to see it', () => {
    const none = { stdout_logfile: { kind: 'none' }, stderr_logfile: { kind: 'none' } } as const;
    expect(destinations(none)).to.deep.equal(['null', 'null']);
    expect(destinations({ ...none, redirect_stderr: true })).to.deep.equal(['null', 'same-as-stdout']);
    expect(destinations(none, { stripAnsi: () => true })).to.deep.equal(['null', 'null']);
    expect(destinations({ ...none, stdout_syslog: true }, { copyToLog: false })).to.deep.equal(['pipe', 'null']);
    expect(destinations(none, { copyToLog: true })).to.deep.equal(['pipe', 'pipe']);
  });

  it('is said once to be without rotation when it is passed on with a maxbytes', () => {
    expect(destinations({ ...passed, stdout_logfile_maxbytes: 50 })).to.deep.equal([
      'daemon-stdout',
      'daemon-stderr',
      'warn web stdout: /dev/stdout cannot be rotated, its maxbytes is ignored: set it to 0',
    ]);
  });

  it("is told in supervisord's words when a log cannot be opened", () => {
    expect(destinations({ stdout_logfile: { kind: 'file', path: '/' } })).to.deep.equal([
      "unknown error making dispatchers for 'web': EISDIR",
    ]);
  });
});

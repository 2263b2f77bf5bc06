import { expect } from 'chai';
import type { ProgramOptions } from '../../src/config/options.ts';
import type { ProcessOutputEvent } from '../../src/events/events.ts';
import { createOutputRoute, type OutputRouteSetting } from '../../src/process/output-route.ts';
import { processConfig } from '../support/make-process.ts';

/** What log, daemon's log and event listeners are told of these chunks, in order. */
function routed(
  options: Partial<ProgramOptions>,
  { chunks, ...setting }: { readonly chunks: readonly string[] } & Partial<OutputRouteSetting>,
): string[] {
  const told: string[] = [];
  const route = createOutputRoute({
    name: 'web',
    group: 'site',
    channel: 'stdout',
    pid: 7,
    options: processConfig('web', options).options,
    logger: { debug: (text) => void told.push(`debug ${text}`) },
    stripAnsi: false,
    copyToLog: false,
    log: () => ({ write: (bytes) => void told.push(`log ${bytes.toString('latin1')}`) }),
    syslog: { writeLines: (prefix, chunk) => void told.push(`syslog ${prefix}${chunk.toString('latin1')}`) },
    emit: (event) => void told.push(eventText(event)),
    ...setting,
  });
  for (const chunk of chunks) route.write(Buffer.from(chunk, 'latin1'));
  route.finish();
  return told;
}

function eventText({ type, process, group, pid, channel, data }: ProcessOutputEvent): string {
  return `${type} ${group}:${process} ${pid} ${channel} ${data.toString('latin1')}`;
}

const comm = (text: string): string => `<!--XSUPERVISOR:BEGIN-->${text}<!--XSUPERVISOR:END-->`;

describe("the way of a child's output", () => {
  it('leads to the log and nowhere else unless asked', () => {
    expect(routed({}, { chunks: ['one\n', comm('two')] })).to.deep.equal(['log one\n', `log ${comm('two')}`]);
  });

  it("leads to the system's log with syslog, but for what is captured", () => {
    const options = { stdout_syslog: true, stdout_capture_maxbytes: 100 };
    expect(routed(options, { chunks: [`one\n${comm('two')}`] }).slice(0, 3)).to.deep.equal([
      'log one\n',
      'syslog web one\n',
      'PROCESS_COMMUNICATION site:web 7 stdout two',
    ]);
    expect(routed(options, { chunks: ['one'], log: () => null })).to.deep.equal(['syslog web one']);
    expect(routed(options, { chunks: ['one'], channel: 'stderr' })).to.deep.equal(['log one']);
    expect(routed(options, { chunks: ['one'], syslog: null })).to.deep.equal(['log one']);
  });

  it('leads nowhere without a log', () => {
    expect(routed({}, { chunks: ['one\n'], log: () => null })).to.deep.equal([]);
  });

  it('tells listeners of each chunk with events_enabled of its own channel', () => {
    const options = { stdout_events_enabled: true };
    expect(routed(options, { chunks: ['one', 'two'] })).to.deep.equal([
      'log one',
      'PROCESS_LOG site:web 7 stdout one',
      'log two',
      'PROCESS_LOG site:web 7 stdout two',
    ]);
    expect(routed(options, { chunks: ['one'], channel: 'stderr' })).to.deep.equal(['log one']);
    expect(
      routed({ stderr_events_enabled: true }, { chunks: ['x'], channel: 'stderr', log: () => null }),
    ).to.deep.equal(['PROCESS_LOG site:web 7 stderr x']);
  });

  it('keeps what is captured out of the log, but not from PROCESS_LOG listeners and the debug log', () => {
    const options = { stdout_capture_maxbytes: 100, stdout_events_enabled: true };
    expect(routed(options, { chunks: [`a${comm('b')}c`], copyToLog: true })).to.deep.equal([
      'log a',
      "debug 'web' stdout output:\na",
      'PROCESS_LOG site:web 7 stdout a',
      "debug 'web' stdout output:\nb",
      'PROCESS_LOG site:web 7 stdout b',
      'PROCESS_COMMUNICATION site:web 7 stdout b',
      "debug 'web' stdout emitted a comm event",
      'log c',
      "debug 'web' stdout output:\nc",
      'PROCESS_LOG site:web 7 stdout c',
    ]);
  });

  it('captures on each channel by its own option', () => {
    const options = { stderr_capture_maxbytes: 100 };
    expect(routed(options, { chunks: [comm('b')] })[0]).to.equal(`log ${comm('b')}`);
    expect(routed(options, { chunks: [comm('b')], channel: 'stderr' })[0]).to.equal(
      'PROCESS_COMMUNICATION site:web 7 stderr b',
    );
  });

  it('puts a message that was cut short by the end into the log', () => {
    const options = { stdout_capture_maxbytes: 100 };
    expect(routed(options, { chunks: ['<!--XSUPERVISOR:BEGIN-->Out of mem', 'ory<!--'] })).to.deep.equal([
      'log Out of memory<!--',
    ]);
  });

  it('takes terminal sequences out for all who look', () => {
    const options = { stdout_capture_maxbytes: 100, stdout_events_enabled: true };
    const chunks = [`\x1b[1ma\x1b[0m${comm('\x1b[1mb\x1b[0m')}`];
    expect(routed(options, { chunks, stripAnsi: true, copyToLog: true })).to.deep.equal([
      'log a',
      "debug 'web' stdout output:\na",
      'PROCESS_LOG site:web 7 stdout a',
      "debug 'web' stdout output:\nb",
      'PROCESS_LOG site:web 7 stdout b',
      'PROCESS_COMMUNICATION site:web 7 stdout b',
      "debug 'web' stdout emitted a comm event",
    ]);
  });

  it('does not let an open sequence before a message eat the message', () => {
    const options = { stdout_capture_maxbytes: 100 };
    expect(routed(options, { chunks: [`a\x1b[1${comm('message')}mb`], stripAnsi: true })).to.deep.equal([
      'log a',
      'PROCESS_COMMUNICATION site:web 7 stdout message',
      "debug 'web' stdout emitted a comm event",
      'log b',
    ]);
  });

  it('shows bytes that are no text as Python does', () => {
    expect(routed({}, { chunks: ["caf\xe9 'x'\n"], copyToLog: true })).to.deep.equal([
      "log caf\xe9 'x'\n",
      `debug 'web' stdout output:\nUndecodable: b"caf\\xe9 'x'\\n"`,
    ]);
  });
});

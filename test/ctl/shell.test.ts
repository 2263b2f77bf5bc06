import { expect } from 'chai';
import { runShell } from '../../src/ctl/shell.ts';
import { fakeSession, row, runLine } from './fake-session.ts';

const answers = { getAllProcessInfo: [row('cat')], getPID: 7 };
const status = 'cat                              RUNNING   pid 42, uptime 0:00:10\n';

describe('the shell', () => {
  it('begins with the status, prompts, and ends with the input', async () => {
    const { session, terminal, record } = fakeSession({ answers, input: ['pid', '', 'nonsense'], interactive: true });
    await runShell({ session, terminal, prompt: 'supervisor' });
    const prompt = 'supervisor> ';
    expect(record.stdout).to.equal(`${status}${prompt}7\n${prompt}${prompt}*** Unknown syntax: nonsense\n${prompt}\n`);
  });

  it('ends at exit and reads no further', async () => {
    const { session, terminal, record } = fakeSession({ answers, input: ['exit', 'pid'], interactive: true });
    await runShell({ session, terminal, prompt: 'mine' });
    expect(record.stdout).to.equal(`${status}mine> \n`);
  });

  it('ends with a newline at Ctrl-C, also while it waits for a line', async () => {
    const { session, terminal, record, interrupt } = fakeSession({ answers, interactive: true });
    const waiting = { ...terminal, readLine: () => new Promise<string>(() => undefined) };
    const shell = runShell({ session, terminal: waiting, prompt: 'supervisor' });
    while (record.closed === 0) await Promise.resolve();
    interrupt();
    await shell;
    expect(record.stdout).to.equal(`${status}\n`);
  });

  it('leaves Ctrl-C to a log that is followed', async () => {
    const streams = { '/mainlogtail': { bytes: 'line\n' } };
    const { session, terminal, record, interrupt } = fakeSession({ answers, streams, input: ['maintail -f', 'pid'] });
    const shell = runShell({ session, terminal, prompt: 'supervisor' });
    while (!record.stdout.endsWith('line\n')) await Promise.resolve();
    interrupt();
    await shell;
    expect(record.stdout).to.match(/line\n\nsupervisor> 7\nsupervisor> \n$/);
  });
});

describe('a command with -i', () => {
  it('asks its questions', async () => {
    const said = await runLine('reload', { answers: { restart: true }, interactive: true, input: ['y'] });
    expect(said).to.equal('Really restart the remote supervisord process y/N? Restarted supervisord\n=> 0');
  });
});

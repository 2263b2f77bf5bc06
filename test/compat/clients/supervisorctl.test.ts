// Debian's supervisorctl as a user starts it, a process of its own, over TCP with a password and with names that are not
// ASCII: what it says of corevisord is what it says of supervisord. All its commands stand in the scenarios.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { run } from '../../support/ctl.ts';
import { freePorts } from '../../support/free-port.ts';
import { modesUnderTest, type Mode } from '../../support/modes.ts';
import { describeWith } from '../../support/requirements.ts';
import { child, startDaemon } from '../../support/run-supervisord.ts';
import { waitUntil } from '../../support/wait-until.ts';

const config = (port: number): string => `
[inet_http_server]
port=127.0.0.1:${port}
username=user
password=secret
[program:wörker]
command=${child('echoes-stdin.sh')}
startsecs=0
stdout_logfile=%(here)s/worker.out
redirect_stderr=true
[program:idle]
command=${child('stays.sh')}
startsecs=0
autostart=false
`;

interface Command {
  readonly words: readonly string[];
  readonly input?: string;
  readonly interruptWhen?: string;
}

const commands: readonly Command[] = [
  // First, as it begins 1024 bytes before the end: ours also logs who asked for what.
  { words: ['maintail', '-f'], interruptWhen: 'supervisord started' },
  { words: ['status'] },
  { words: ['start', 'idle'] },
  { words: ['restart', 'wörker'] },
  { words: ['tail', 'wörker'] },
  { words: ['signal', 'CONT', 'wörker', 'nöbody'] },
  // The shell, its commands from a pipe.
  { words: [], input: 'status wörker\nversion\nstop idle\nstart nöbody\nhelp pid\nbogus\nquit\n' },
  { words: ['tail', '-f', 'wörker'], interruptWhen: 'grüße 世界' },
  { words: ['-p', 'wrong', 'status'] },
  { words: ['-u', '', '-p', '', 'pid'] },
];

async function session(mode: Mode): Promise<readonly string[]> {
  const [port = 0] = await freePorts(1);
  const daemon = await startDaemon(mode, { config: config(port) });
  try {
    await daemon.waitForState('wörker', 'RUNNING');
    const server = ['-s', `http://127.0.0.1:${port}`, '-u', 'user', '-p', 'secret'];
    const said: string[] = [await foreground([...server, 'fg', 'wörker'])];
    for (const { words, input, interruptWhen } of commands) {
      const { stdout, stderr, status } = await run(['supervisorctl', '-c', daemon.configFile, ...server, ...words], {
        environment: { LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' },
        ...(input === undefined ? {} : { input }),
        ...(interruptWhen === undefined ? {} : { interruptWhen }),
      });
      const text =
        interruptWhen === undefined ? stdout : stdout.slice(0, stdout.indexOf(interruptWhen) + interruptWhen.length);
      const shown = [words.join(' '), text, interruptWhen === undefined ? `${stderr}[exit ${status}]` : ''].join('\n');
      said.push(
        shown
          .replaceAll(String(port), 'PORT')
          .replaceAll(/\bpid \d+, uptime \d:\d\d:\d\d/g, 'pid PID, uptime TIME')
          .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'DATE')
          .replaceAll(/^(?:.*\n)*.*(?=INFO supervisord started)/gm, ''),
      );
    }
    return said;
  } finally {
    await daemon.stop();
  }
}

/** fg, with its stdin open until the process has said back what was sent to it. */
async function foreground(words: readonly string[]): Promise<string> {
  const fg = spawn('supervisorctl', words, { env: { ...process.env, LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' } });
  let said = '';
  fg.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  const text = (): string => Buffer.from(said, 'latin1').toString();
  const ended = once(fg, 'exit');
  try {
    await waitUntil(() => text().includes('Ctrl-C'), { what: () => `the foreground, not ${text()}` });
    fg.stdin.write('grüße 世界\n');
    await waitUntil(() => text().includes('grüße 世界\n'), { what: () => `its answer, not ${text()}` });
    fg.stdin.end();
    await waitUntil(() => text().includes('Exiting foreground\n'), { what: () => `its end, not ${text()}` });
  } finally {
    // Its threads would look once more at their connections, for half a minute.
    fg.kill('SIGKILL');
    await ended;
  }
  return text();
}

describeWith(['supervisord', 'koffi'], 'supervisorctl as it is installed', () => {
  it('says the same of corevisord as of supervisord', async () => {
    const [ours] = modesUnderTest();
    const [wanted, got] = await Promise.all([session('reference'), session(ours)]);
    expect(got).to.deep.equal(wanted);
    expect(wanted.join('')).to.contain('wörker: started');
  }).timeout(120_000);
});

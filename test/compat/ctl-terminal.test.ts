// The shell on a real terminal: what a person types and sees. The stories hold for corevisorctl with corevisord and, so that
// they are known to be true, for the real supervisorctl with the real supervisord.
import { expect } from 'chai';
import { ctlCommand, type Ctl } from '../support/ctl.ts';
import { PseudoTerminal } from '../support/pseudo-terminal.ts';
import { describeWith } from '../support/requirements.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const config = `
[supervisorctl]
prompt=cv
history_file=%(here)s/history
[program:echo]
command=${child('echoes-stdin.sh')}
[program:web]
command=${child('stays.sh')}
process_name=web_%(process_num)d
numprocs=2
[program:off]
command=${child('stays.sh')}
autostart=false
[program:deaf]
command=${child('ignores-term.sh')}
stopwaitsecs=600
startsecs=0
autostart=false
stdout_logfile=%(here)s/deaf
`;
const status = `deaf                             STOPPED   Not started
echo                             RUNNING   pid PID, uptime TIME
off                              STOPPED   Not started
web:web_0                        RUNNING   pid PID, uptime TIME
web:web_1                        RUNNING   pid PID, uptime TIME
`;

const players = [
  { ctl: 'corevisorctl', mode: 'native', needs: ['koffi', 'script'] },
  { ctl: 'supervisorctl', mode: 'reference', needs: ['supervisord', 'script'] },
] as const;

for (const { ctl, mode, needs } of players) {
  describeWith(needs, `${ctl} on a terminal`, function () {
    this.timeout(60_000);
    let daemon: Daemon;

    before(async () => {
      daemon = await startDaemon(mode, { config });
      for (const name of ['echo', 'web:web_0', 'web:web_1']) await daemon.waitForState(name, 'RUNNING');
    });
    after(() => daemon.stop({ leaves: true }));

    const inShell = async (play: (shell: Shell) => Promise<void>, words: readonly string[] = []): Promise<void> => {
      const shell = new Shell(ctl, { daemon, words });
      try {
        await play(shell);
      } finally {
        await shell.terminal.close();
      }
    };

    it('shows the status, runs what is typed, and leaves with 0', async () => {
      daemon.write('history', '');
      await inShell(async (shell) => {
        await shell.prompted();
        await shell.enter('version');
        await shell.enter('');
        await shell.enter('  ');
        await shell.enter('nonsense žluť');
        await shell.enter('pid off nope');
        await shell.enter('help pid');
        await shell.leave('exit');
        expect(shell.text).to.equal(
          `${status}cv> version\n4.2.5\ncv>\ncv>\ncv> nonsense žluť\n*** Unknown syntax: nonsense žluť\n` +
            'cv> pid off nope\n0\nNo such process nope\n' +
            'cv> help pid\npid                     Get the PID of supervisord.\n' +
            'pid <name>              Get the PID of a single child process by name.\n' +
            'pid all                 Get the PID of every child process, one per line.\ncv> exit\n\n',
        );
      });
    });

    for (const { what, keys } of [
      { what: 'Ctrl-D', keys: '\u0004' },
      { what: 'Ctrl-C', keys: '\u0003' },
      { what: 'Ctrl-C on a line', keys: 'sta\u0003' },
    ]) {
      it(`leaves with 0 at ${what}`, async () => {
        await inShell(async (shell) => {
          await shell.prompted();
          shell.terminal.type(keys);
          expect(await shell.terminal.waitForEnd()).to.equal(0);
          expect(shell.text).to.match(/\ncv>(?: \w*)?\n$/);
        });
      });
    }

    it('completes actions, groups and processes', async () => {
      await inShell(async (shell) => {
        await shell.prompted();
        const cases = [
          { typed: 'rer', completed: 'reread' },
          { typed: 'sta', offered: ['start', 'status'] },
          { typed: 'help main', completed: 'help maintail' },
          { typed: 'update w', completed: 'update web' },
          { typed: 'update ', offered: ['deaf', 'echo', 'off', 'web'] },
          { typed: 'start e', completed: 'start echo' },
          { typed: 'stop echo web:', completed: 'stop echo web:', offered: ['web:*', 'web:web_0', 'web:web_1'] },
          { typed: 'stop w', completed: 'stop web:' },
          { typed: 'tail web:web_1', completed: 'tail web:web_1' },
          { typed: 'signal HUP echo:', completed: 'signal HUP echo:', offered: ['echo:*', 'echo:echo'] },
          { typed: 'version ', completed: 'version' },
          { typed: 'nope', completed: 'nope' },
        ];
        for (const { typed, completed = typed.trimEnd(), offered } of cases) {
          shell.terminal.type(`${typed}\t`);
          await shell.shows(`cv> ${completed}`);
          if (offered !== undefined) expect(await shell.offered()).to.deep.equal(offered);
          // Ctrl-U takes the line back.
          shell.terminal.type('\u0015');
          await shell.shows('cv>');
        }
        await shell.leave('quit');
      });
    });

    it('offers every action on an empty line', async () => {
      await inShell(async (shell) => {
        await shell.prompted();
        shell.terminal.type('\t');
        const actions =
          'add avail clear exit fg help maintail open pid quit reload remove reread restart shutdown signal start ' +
          'status stop tail update version';
        const ours = ctl === 'corevisorctl' ? ['healthcheck', 'rolling-restart', 'scale', 'why'] : [];
        expect(await shell.offered()).to.deep.equal([...actions.split(' '), ...ours].toSorted());
        await shell.leave('exit');
      });
    });

    it('keeps a history from shell to shell, answers to questions included', async () => {
      daemon.write('history', 'pid off\n');
      await inShell(async (shell) => {
        await shell.prompted();
        await shell.press('\u001b[A', 'pid off');
        await shell.enter('pid nope');
        await shell.enter('pid nope');
        await shell.enter('shutdown', 'Really shut the remote supervisord process down y/N?');
        await shell.enter('no');
        await shell.press('\u001b[A\u001b[A\u001b[A', 'pid nope');
        await shell.leave('exit');
        const lines = shell.text.split('\n').filter((line) => line.includes('pid o') || /^No|^0|Really/.test(line));
        expect(lines).to.deep.equal([
          'cv> pid off',
          '0',
          'No such process nope',
          'No such process nope',
          'Really shut the remote supervisord process down y/N? no',
          'No such process nope',
        ]);
      });
      expect(daemon.read('history')).to.equal('pid off\npid nope\nshutdown\nno\npid nope\nexit\n');
    });

    it('comes back to the prompt when Ctrl-C ends a followed log', async () => {
      await inShell(async (shell) => {
        await shell.prompted();
        shell.terminal.type('maintail -f\r');
        await shell.terminal.waitFor(/<==\n[^]*success: echo entered RUNNING/);
        await shell.press('\u0003', '', { enter: false });
        await shell.enter('tail -f nope');
        await shell.enter('pid off');
        await shell.leave('exit');
        expect(shell.text).to.match(
          /\n\^C\ncv> tail -f nope\n==> Press Ctrl-C to exit <==\n\S+\/logtail\/nope\/stdout Cannot read, status code 404\ncv> pid off\n0\ncv> exit\n\n$/,
        );
      });
    });

    it('talks to a process in the foreground until Ctrl-C or Ctrl-D', async () => {
      for (const [index, end] of ['\u0003', '\u0004'].entries()) {
        await inShell(async (shell) => {
          await shell.prompted();
          const word = `žluť${index}`;
          shell.terminal.type('fg echo\r');
          await shell.terminal.waitFor(/<==\n/);
          await shell.terminal.waitUntilItTakesKeys();
          shell.terminal.type(`${word}x\u007f\r`);
          await shell.terminal.waitFor(new RegExp(`\\n${word}\\n${word}\\n$`));
          await shell.terminal.waitUntilItTakesKeys();
          await shell.press(end, '', { enter: false });
          expect(shell.text).to.match(/\nExiting foreground\ncv>$/);
          // The real one then waits for the next output of the process before it ends.
          if (ctl === 'corevisorctl') await shell.leave('exit');
        });
      }
    });

    it('leaves with 0 when Ctrl-C comes while a command waits for the daemon', async () => {
      await inShell(async (shell) => {
        await shell.prompted();
        await shell.enter('start deaf');
        await waitUntil(() => daemon.read('deaf').includes('ready'), { what: 'the deaf program' });
        shell.terminal.type('stop deaf\r');
        await daemon.waitForState('deaf', 'STOPPING');
        shell.terminal.type('\u0003');
        expect(await shell.terminal.waitForEnd()).to.equal(0);
        expect(shell.text).to.match(/\ncv> stop deaf\n\^C\n$/);
      });
      process.kill((await daemon.info('deaf')).pid, 'SIGKILL');
      await daemon.waitForState('deaf', 'STOPPED');
    });

    it('asks before it restarts or ends the daemon', async () => {
      await inShell(async (shell) => {
        await shell.prompted();
        await shell.enter('reload', 'Really restart the remote supervisord process y/N?');
        await shell.enter('');
        await shell.enter('shutdown', 'Really shut the remote supervisord process down y/N?');
        await shell.enter('Nonsense');
        await shell.enter('pid off');
        await shell.enter('shutdown', 'Really shut the remote supervisord process down y/N?');
        // Ctrl-C at a question leaves the shell.
        shell.terminal.type('\u0003');
        expect(await shell.terminal.waitForEnd()).to.equal(0);
      });
      expect(daemon.alive).to.equal(true);
    });

    it('asks for credentials, without showing the password, until they are right', async () => {
      const guarded = await startDaemon(mode, {
        config: `${config}[unix_http_server]\nusername=peter\npassword=se:cret\n`,
        comesUp: false,
      });
      try {
        await guarded.waitForMessage(/success: web_1 entered RUNNING/);
        const shell = new Shell(ctl, { daemon: guarded, words: [] });
        try {
          for (const password of ['wrong', 'se:cret']) {
            await shell.shows('Username:');
            shell.terminal.type('peter\r');
            await shell.shows('Password:');
            await shell.terminal.waitUntilItTakesKeys();
            shell.terminal.type(`${password}\r`);
          }
          await shell.prompted();
          await shell.enter('pid off');
          await shell.leave('exit');
          const asked = 'Server requires authentication\nUsername:peter\nPassword:\n\n';
          expect(shell.text.replace(/^deaf[^]*?(?=^cv>)/m, '')).to.equal(
            `${asked}${asked}cv> pid off\n0\ncv> exit\n\n`,
          );
        } finally {
          await shell.terminal.close();
        }
      } finally {
        await guarded.stop();
      }
    });
  });
}

/** A shell on a terminal, and what is typed into it. */
class Shell {
  readonly terminal: PseudoTerminal;

  constructor(ctl: Ctl, { daemon, words }: { daemon: Daemon; words: readonly string[] }) {
    const command = [...ctlCommand[ctl], '-c', daemon.configFile, ...words];
    this.terminal = new PseudoTerminal(command, { directory: daemon.directory });
  }

  /** The screen without what differs from run to run. */
  get text(): string {
    return this.terminal.screen.replaceAll(/pid [1-9]\d*, uptime \d+:\d\d:\d\d/g, 'pid PID, uptime TIME');
  }

  /** Waits until the last line on the screen is this one. */
  async shows(line: string): Promise<void> {
    await waitUntil(() => this.#lastLine === line, {
      what: () => `${JSON.stringify(line)} as the last line of\n${this.terminal.screen}`,
    });
  }

  async prompted(): Promise<void> {
    await this.shows('cv>');
    await this.terminal.waitUntilItTakesKeys();
  }

  /** Types a line and waits for the next prompt, or for the question that it leads to. */
  async enter(line: string, question = 'cv>'): Promise<void> {
    const before = this.#count(question);
    this.terminal.type(`${line}\r`);
    await waitUntil(() => this.#count(question) > before && this.#lastLine === question, {
      what: () => `${question} after ${line}; the screen shows\n${this.terminal.screen}`,
    });
    await this.terminal.waitUntilItTakesKeys();
  }

  /** Presses keys that bring a line to the prompt, and enters that. */
  async press(keys: string, line: string, { enter = true } = {}): Promise<void> {
    this.terminal.type(keys);
    await this.shows(`cv> ${line}`.trimEnd());
    if (enter) await this.enter('');
  }

  /** Leaves by a command and expects 0. */
  async leave(command: string): Promise<void> {
    this.terminal.type(`${command}\r`);
    expect(await this.terminal.waitForEnd()).to.equal(0);
  }

  /** What a second Tab lists. */
  async offered(): Promise<string[]> {
    const rows = this.terminal.screen.split('\n').length;
    const prompt = this.#lastLine;
    this.terminal.type('\t');
    await waitUntil(() => this.terminal.screen.split('\n').length > rows && this.#lastLine === prompt, {
      what: () => `a list below ${prompt}; the screen shows\n${this.terminal.screen}`,
    });
    return this.terminal.screen
      .split('\n')
      .slice(rows, -1)
      .join(' ')
      .split(/\s+/)
      .filter((word) => word !== '')
      .toSorted();
  }

  get #lastLine(): string {
    return this.terminal.screen.split('\n').at(-1) ?? '';
  }

  #count(start: string): number {
    return this.terminal.screen.split('\n').filter((line) => line.startsWith(start)).length;
  }
}

// corevisorctl against the real thing: the same command lines, good and bad, through it and through the real
// supervisorctl, each to a real supervisord.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { describeWith } from '../support/requirements.ts';
import { startDaemon } from '../support/run-supervisord.ts';
import {
  compare,
  compareReads,
  foreground,
  interrupt,
  onBoth,
  type Pair,
  shared,
  startPair,
} from './ctl-comparison.ts';

const programs = `
[program:cat]
command=cat
[program:web]
command=sleep 1000
process_name=web_%(process_num)d
numprocs=2
priority=5
[program:off]
command=sleep 1000
autostart=false
[program:nofile]
command=/nonexistent/program
autostart=false
[program:notexec]
command=%(here)s/notexec
autostart=false
[program:quits]
command=false
autostart=false
startretries=0
[program:done]
command=sh -c "! test -e %(here)s/stay || exec sleep 1000"
startsecs=0
autorestart=false
[program:says]
command=sh -c "echo first line; echo žluťoučký; echo an error >&2; exec sleep 1000"
[program:nolog]
command=sleep 1000
stdout_logfile=NONE
stderr_logfile=NONE
[program:a_name_that_is_longer_than_thirty_characters]
command=sleep 1000
[program:one]
command=sleep 1000
[program:two]
command=sleep 1000
autostart=false
[group:pair]
programs=one,two
priority=7
`;

const running = ['says', 'cat', 'web:web_0', 'web:web_1', 'nolog', 'pair:one'];

describeWith(
  ['supervisord'],
  'our corevisorctl and the real supervisorctl, both against the real daemon, say the same',
  function () {
    this.timeout(120_000);
    let pair: Pair;

    before(async () => {
      pair = await startPair(programs);
      for (const name of running) await onBoth(pair, (daemon) => daemon.waitForState(name, 'RUNNING'));
    });

    after(async () => {
      await onBoth(pair, (daemon) => daemon.stop());
    });

    it('about help', async () => {
      const topics =
        'add avail clear exit fg maintail open pid quit reload remove reread restart shutdown signal start status stop ' +
        'tail update version help EOF nope';
      const lines = topics.split(' ').map((topic) => `help ${topic}`);
      await compareReads(pair, [{ words: [], input: lines.join('\n') }]);
      await compareReads(pair, [
        'help start',
        'help nope',
        'help start stop',
        'help  pid ',
        '?start',
        '? stop',
        '?nope',
      ]);
      // Ours has a list of its own behind theirs.
      const [theirs, ours] = await onBoth(pair, (daemon, ctl) =>
        runCtl(ctl, { config: daemon.configFile, arguments: ['help'] }),
      );
      expect(ours.stdout.slice(0, theirs.stdout.length)).to.equal(theirs.stdout);
      expect(ours.stdout.slice(theirs.stdout.length)).to.match(/^\ncorevisor commands/);
    });

    it('about lines that are no command', async () => {
      await compareReads(pair, [
        'nonsense',
        'nonsense with words',
        '!ls',
        'START cat',
        'EOF',
        'exit',
        'quit',
        '',
        '   ',
        '*',
      ]);
      await compareReads(pair, [
        ['--', '-x'],
        ['--', '--help'],
        ['pid', '', 'off'],
      ]);
    });

    it('about the state of processes', async () => {
      await compareReads(pair, [
        'status',
        'status all',
        'status cat',
        'status cat says',
        'status says cat',
        'status cat all',
      ]);
      await compareReads(pair, [
        'status web:*',
        'status web:',
        'status web',
        'status web:web_0',
        'status web:web_7 cat',
      ]);
      await compareReads(pair, ['status nope', 'status nope:*', 'status nope cat', 'status off', 'status off nope']);
      await compareReads(pair, [
        'status done',
        'status pair:one',
        'status pair:*',
        'status cat:cat',
        'status -x',
        'status-x',
      ]);
      await compareReads(pair, [
        'status a_name_that_is_longer_than_thirty_characters cat',
        '  status   cat  ',
        'status\tcat',
      ]);
    });

    it('about pids', async () => {
      await compareReads(pair, ['pid', 'pid cat', 'pid cat says', 'pid all', 'pid cat all', 'pid off', 'pid nope']);
      await compareReads(pair, ['pid off nope', 'pid nope off', 'pid web:*', 'pid web:web_0', 'pid cat:cat']);
    });

    it('about the version and commands that take no argument', async () => {
      await compareReads(pair, [
        'version',
        'version x',
        'avail',
        'avail x',
        'reread',
        'reread x',
        'reload x',
        'shutdown x',
      ]);
    });

    it('about starting', async () => {
      await compare(pair, ['start', 'start cat', 'start nope', 'start nope:*', 'start nope:nope', 'start nofile']);
      await compare(pair, ['start notexec', 'start quits', 'start off', 'start off', 'start cat off nope']);
      await compare(pair, ['start nope cat', 'start web:*', 'start pair:*', 'start pair:', 'start nofile nope:*']);
      await compare(pair, ['start nope:* nofile', 'start web']);
    });

    it('about stopping', async () => {
      await compare(pair, [
        'stop',
        'stop off',
        'stop off',
        'stop nope',
        'stop nope:*',
        'stop off cat nope',
        'stop pair:*',
      ]);
      await compare(pair, [
        'stop pair:*',
        'stop web:web_0',
        'stop web:*',
        'start web:*',
        'start cat',
        'start pair:one',
      ]);
    });

    it('about restarting', async () => {
      await compare(pair, ['restart', 'restart cat', 'restart off', 'stop off', 'restart nope', 'restart nope:*']);
      await compare(pair, ['restart web:*', 'restart nofile', 'restart quits', 'restart cat says']);
    });

    it('about signals', async () => {
      await compare(pair, ['signal', 'signal HUP', 'signal NOPE cat', 'signal CONT cat', 'signal sigcont cat']);
      await compare(pair, [
        'signal 18 cat',
        'signal CONT off',
        'signal CONT nope',
        'signal CONT nope:*',
        'signal 99 cat',
      ]);
      await compare(pair, ['signal CONT web:*', 'signal CONT cat off nope', 'signal NOPE web:*', 'signal CONT pair:*']);
      await compare(pair, ['signal CONT all', 'signal NOPE all', 'signal 0 cat']);
    });

    it('about logs', async () => {
      await compareReads(pair, ['tail', 'tail says', 'tail says stdout', 'tail says stderr', 'tail says STDERR']);
      await compareReads(pair, ['tail -5 says', 'tail -0 says', 'tail -1_0 says', 'tail -+5 says', 'tail --5 says']);
      await compareReads(pair, [
        'tail - says',
        'tail -x says',
        'tail -5',
        'tail -f',
        'tail -5 says stderr',
        'tail a b c d',
      ]);
      await compareReads(pair, ['tail -5 says stderr more', 'tail nope', 'tail off', 'tail nolog', 'tail web:web_0']);
      await compareReads(pair, [
        'tail web:*',
        "tail says it's",
        'tail says a"b\'c',
        'tail says stdin',
        'tail a b c -f',
      ]);
      await compareReads(pair, ['tail -99999999999 says', 'tail -f nope', 'tail -f nolog', 'tail -f says nope']);
      await compareReads(pair, ['maintail x', 'maintail -x', 'maintail a b', 'maintail -', 'maintail -0x1']);
      const { configFile } = pair.corevisorctl;
      const main = await runCtl('corevisorctl', { config: configFile, arguments: ['maintail', '-20'] });
      expect(main.stdout).to.equal(`${pair.corevisorctl.read('supervisord.log').slice(-20)}\n`);
    });

    it('while a log is followed, until Ctrl-C', async () => {
      const order = { words: ['tail', '-f', 'says', 'stderr'], until: /an error\n$/ };
      const [theirs, ours] = await onBoth(pair, (daemon, ctl) => interrupt(ctl, { daemon, ...order }));
      expect(ours).to.deep.equal(theirs);
      const main = { words: ['maintail', '-f'], until: /<==\n[^]+\n$/ };
      const [theirMain, ourMain] = await onBoth(pair, (daemon, ctl) => interrupt(ctl, { daemon, ...main }));
      expect(ourMain.status).to.equal(theirMain.status);
      expect(ourMain.stdout).to.match(/^==> Press Ctrl-C to exit <==\n[^]*\n\n$/);
    });

    it('in the foreground of a process', async () => {
      const order = { program: 'cat', line: 'hello žluťoučký' };
      const [theirs, ours] = await onBoth(pair, (daemon, ctl) => foreground(ctl, { daemon, ...order }));
      expect(ours).to.equal(theirs);
      await compare(pair, ['fg', 'fg a b', 'fg off', 'fg nope', 'fg web:*']);
    });

    it('about clearing logs', async () => {
      await compare(pair, ['clear', 'clear nope', 'clear off', 'clear nolog', 'clear web:web_0', 'clear web:*']);
      await compare(pair, ['clear cat nope', 'clear nope cat', 'clear nope:*', 'clear cat:cat', 'clear all']);
      await compare(pair, ['tail says']);
    });

    it('about adding and removing groups', async () => {
      await compare(pair, ['add', 'add cat', 'add nope', 'add cat nope', 'remove', 'remove nope', 'remove cat']);
      await compare(pair, ['remove cat nope', 'remove off', 'status off', 'add off', 'status off', 'remove off off']);
      await compare(pair, ['add off off', 'avail']);
    });

    it('about a changed configuration', async () => {
      const renamed = programs.replace('[program:off]', '[program:brand_new]\ncommand=sleep 1000\n[program:fresh]');
      await onBoth(pair, (daemon) => daemon.writeConfig(renamed.replace('priority=5', 'priority=6')));
      await compare(pair, ['reread', 'avail', 'update nope', 'update off', 'update web nope', 'reread', 'update']);
      await compare(pair, ['update', 'update all', 'reread', 'stop brand_new', 'start brand_new']);
      const broken = `${programs}\n[program:bad]\ncommand=x\nautostart=maybe\n`;
      await onBoth(pair, (daemon) => daemon.writeConfig(broken));
      await compare(pair, ['reread', 'update', 'update nope', 'avail']);
      await onBoth(pair, (daemon) => daemon.writeConfig(programs));
      await compare(pair, ['update all', 'start web:*']);
      for (const name of running) await onBoth(pair, (daemon) => daemon.waitForState(name, 'RUNNING'));
    });

    it('about addresses', async () => {
      await compareReads(pair, [
        'open',
        'open nope',
        'open https://localhost',
        'open unix:///nonexistent.sock',
        'open ftp://x',
      ]);
      await compareReads(pair, [
        'open http://127.0.0.1:1',
        'open HTTP://127.0.0.1:1',
        'open unix://DIR/supervisor.sock',
      ]);
      const lines = ['status', 'start x', 'shutdown', 'reread', 'tail x'];
      const addresses = [
        'unix:///nonexistent.sock',
        'unix://DIR/notexec',
        'unix://DIR/notexec/below',
        'http://127.0.0.1:1',
        'https://127.0.0.1:1',
        'http://127.0.0.1:x',
        'http://127.0.0.1:70000',
      ];
      for (const address of addresses)
        await compareReads(
          pair,
          lines.map((line) => ['-s', address, line]),
        );
      const others = [
        'add x',
        'remove x',
        'update',
        'clear x',
        'signal HUP x',
        'reload',
        'restart x',
        'stop x',
        'avail',
      ];
      await compareReads(
        pair,
        others.map((line) => ['-s', 'http://127.0.0.1:1', line]),
      );
      await compareReads(pair, [['-s', 'unix://supervisor.sock', 'pid', 'off']]);
    });

    it('about flags', async () => {
      await compareReads(pair, [
        ['-s', 'foo', 'status'],
        ['-x'],
        ['--nope'],
        ['-s'],
        ['--serverurl'],
        ['status', '-x'],
      ]);
      await compareReads(pair, [
        ['-i', '-i', 'status'],
        ['--server=unix:///nonexistent.sock', 'status'],
        ['tail', '-5', 'says'],
        ['tail -5 says', 'stderr'],
        ['-upeter', '-psecret', 'pid', 'off'],
      ]);
      await compareReads(pair, [
        { words: ['status'], config: 'missing.conf' },
        { words: ['status'], config: 'empty.conf' },
      ]);
      const [theirs, ours] = await onBoth(pair, (daemon, ctl) =>
        runCtl(ctl, { config: daemon.configFile, arguments: ['-h'] }),
      );
      expect(ours.status).to.equal(theirs.status);
      for (const flag of ['-c', '-h', '-i', '-s', '-u', '-p', '-r']) expect(ours.stdout).to.contain(`${flag}/--`);
    });

    it('in the shell', async () => {
      const inputs = [
        '',
        '\n\n',
        'pid off\nexit\nstatus\n',
        'nonsense\n',
        'help start\n',
        'start cat\nquit',
        '!\n?pid\n',
      ];
      await compare(
        pair,
        inputs.map((input) => ({ words: [], input })),
      );
      await compare(pair, [
        { words: [], input: 'open unix:///nonexistent.sock\nstatus\npid\n' },
        { words: ['-i'], input: 'version\n' },
        ['-i', 'pid', 'off'],
      ]);
      await compare(
        pair,
        ['n\n', 'no', '', '\n'].map((input) => ({ words: ['-i', 'shutdown'], input })),
      );
      await compare(pair, [
        { words: [], input: 'shutdown\nn\nreload\nnever\nreload' },
        { words: ['-i', 'reload'], input: 'x\n' },
        { words: [], input: 'fg\nfg a b\nfg nope\nfg off\nfg web:*\n' },
      ]);
    });

    it('to a daemon that wants a password', async () => {
      const port = await freePort();
      const config = `[unix_http_server]\nusername=peter\npassword=se:cret\n[inet_http_server]\nport=127.0.0.1:${port}\nusername=paul\npassword=pan\n`;
      const daemon = await startDaemon('reference', { config, comesUp: false });
      try {
        await daemon.waitForMessage(/supervisord started/);
        const guarded = shared(daemon);
        const address = `http://127.0.0.1:${port}`;
        const lines = ['status', 'pid nope', 'reread', 'shutdown', 'avail', 'tail x', 'update', 'start', 'help start'];
        await compareReads(guarded, lines);
        await compareReads(
          guarded,
          lines.map((line) => ['-s', address, line]),
        );
        const wrong = [
          ['-u', 'peter', '-p', 'wrong'],
          ['-u', 'peter'],
          ['-p', 'se:cret'],
          ['-u', 'peter', '-p', ''],
        ];
        await compareReads(
          guarded,
          wrong.map((flags) => [...flags, 'status']),
        );
        const right = ['-u', 'peter', '-p', 'se:cret'];
        await compareReads(
          guarded,
          ['pid nope', 'status', 'reread', 'tail -f x'].map((line) => [...right, line]),
        );
        await compareReads(guarded, [
          ['-s', address, '-u', 'paul', '-p', 'pan', 'pid nope'],
          ['-s', `http://localhost:${port}`, '-u', 'paul', '-p', 'pan', 'pid nope'],
        ]);
      } finally {
        await daemon.stop();
      }
    });

    it('to a daemon without the supervisor namespace', async () => {
      const config =
        '[supervisord]\npidfile=%(here)s/d.pid\nlogfile=%(here)s/d.log\n' +
        '[unix_http_server]\nfile=%(here)s/supervisor.sock\n' +
        '[supervisorctl]\nserverurl=unix://%(here)s/supervisor.sock\n';
      const daemon = await startDaemon('reference', { config, head: false, comesUp: false });
      try {
        await daemon.waitForMessage(/supervisord started/);
        const lines = [
          'status',
          'start x',
          'version',
          'pid',
          'reread',
          'avail',
          'update',
          'add x',
          'shutdown',
          'reload',
        ];
        await compareReads(shared(daemon), lines);
      } finally {
        await daemon.stop();
      }
    });

    it('to a daemon that is shutting down, and to one that died without a trace', async () => {
      const slow = 'command=sh -c "trap : TERM; while :; do sleep 0.1; done"\nstopwaitsecs=600';
      const daemon = await startDaemon('reference', { config: `[program:slow]\n${slow}\n` });
      try {
        await daemon.waitForState('slow', 'RUNNING');
        await daemon.call('shutdown');
        await daemon.waitForMessage(/waiting for slow to die/);
        const lines = [
          'status',
          'shutdown',
          'reload',
          'avail',
          'reread',
          'update',
          'add x',
          'remove x',
          'pid',
          'version',
        ];
        await compare(shared(daemon), [...lines, 'start slow', 'tail slow', 'tail -f slow']);
        daemon.signal('SIGKILL');
        await daemon.waitForEnd();
        await compare(shared(daemon), lines);
      } finally {
        await daemon.stop({ leaves: true });
      }
    });

    it('when the daemon restarts and when it ends', async () => {
      // Whether the real daemon sees an early end before or after RUNNING is a matter of luck: let nothing end early.
      await onBoth(pair, (daemon) => writeFile(daemon.path('stay'), ''));
      await compare(pair, ['reload']);
      await onBoth(pair, (daemon) => daemon.waitForMessage(/supervisord started/, { count: 2 }));
      for (const name of running) await onBoth(pair, (daemon) => daemon.waitForState(name, 'RUNNING'));
      await compare(pair, ['stop all', 'stop all', 'start all', 'restart all', 'status', 'shutdown']);
      await onBoth(pair, (daemon) => daemon.waitForEnd());
      await compare(pair, ['status', 'shutdown', 'reread', 'pid', 'start cat']);
    });
  },
);

function freePort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => settle(port));
    });
  });
}

// A daemon that is not PID 1 and is killed with SIGKILL: what becomes of its children, with parent_death and without.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { requirement } from '../support/requirements.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeStory('killing the daemon', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.discard());

  const kill = async (): Promise<void> => {
    daemon.signal('SIGKILL');
    expect((await daemon.waitForEnd()).signal).to.equal('SIGKILL');
  };

  it('takes its children along with parent_death=true, also those of another user, but not the children of those', async () => {
    daemon = await startDaemon(mode, {
      config: `
[supervisord]
parent_death=true
[program:plain]
command=sleep 3600
numprocs=20
process_name=%(process_num)d
[program:deaf]
command=/bin/sh -c 'trap "" TERM HUP INT; sleep 3600 & echo $! > %(here)s/grandchild; wait'
${requirement('root').met ? '[program:other]\ncommand=sleep 3600\nuser=nobody' : ''}
`,
    });
    const infos = await waitUntil(
      async () => {
        const all = await daemon.infos();
        return all.every(({ statename }) => statename === 'RUNNING') && daemon.read('grandchild') !== '' ? all : null;
      },
      { what: 'all processes' },
    );
    const pids = infos.map(({ pid }) => pid);
    await waitUntil(() => pids.every((pid) => !commandOf(pid).includes('setpriv')), {
      what: 'the programs themselves',
    });
    await kill();
    await waitUntil(() => pids.every((pid) => !lives(pid)), { what: () => `the end of ${pids.filter(lives).join()}` });
    expect(daemon.descendants()).to.deep.equal([Number(daemon.read('grandchild'))]);
  });

  it('changes nothing in how a program starts with parent_death=true: pid, group, arguments, environment, exit status', async () => {
    daemon = await startDaemon(mode, {
      config: `
[supervisord]
parent_death=true
[program:one]
command=/bin/sh -c 'echo "$$|$0|$1|$A|$PWD|$(cut -d " " -f 5 /proc/self/stat)" > %(here)s/one; exit 7' zero "a b"
environment=A="1"
directory=/usr
startsecs=0
autorestart=false
[program:gone]
command=%(here)s/not-a-program
startretries=0
`,
      files: { 'not-a-program': '#!/no/such/interpreter\n' },
      wrapper: ['sh', '-c', 'chmod +x not-a-program; exec "$@"', 'sh'],
    });
    const { exitstatus } = await daemon.waitForState('one', 'EXITED');
    const spawned = await daemon.waitForMessage(/^INFO spawned: 'one' with pid/);
    const pid = /\d+$/.exec(spawned[0] ?? '')?.[0] ?? '';
    expect({ exitstatus, one: daemon.read('one') }).to.deep.equal({
      exitstatus: 7,
      one: `${pid}|zero|a b|1|/usr|${pid}\n`,
    });
    const { stderr_logfile, spawnerr } = await daemon.waitForState('gone', 'FATAL');
    expect(spawnerr).to.equal('Exited too quickly (process log may have details)');
    expect(readFileSync(stderr_logfile, 'utf8')).to.match(/setpriv: failed to execute .*not-a-program: No such file/);
  });

  it('is refused at the start where there is no setpriv: status 2, with file and line', async () => {
    daemon = await startDaemon(mode, {
      config: '[program:any]\ncommand=/bin/sleep 3600\n[supervisord]\nparent_death=true\n',
      environment: { PATH: '/nonexistent' },
      comesUp: false,
    });
    expect((await daemon.waitForEnd()).status).to.equal(2);
    expect(daemon.errors).to.match(
      /^Error: parent_death needs util-linux's setpriv.*\n\S+supervisord.conf:\d+: \[supervisord\] parent_death=true; accepted: false, or true where/,
    );
  });

  it('leaves its children running without parent_death, to be found and ended by what they are marked with', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:plain]
command=sleep 3600
[program:parent]
command=/bin/sh -c 'sleep 3600 & echo $! > %(here)s/grandchild; wait'
`,
    });
    await daemon.waitForState('plain', 'RUNNING');
    await waitUntil(() => daemon.read('grandchild'), { what: 'the grandchild' });
    const left = daemon.descendants();
    expect(left).to.have.length(3);
    await kill();
    expect(await run(documented('find', daemon))).to.equal(left.map((pid) => `${pid}\n`).join(''));
    expect(left.filter(lives)).to.deep.equal(left);
    await run(documented('end', daemon));
    await waitUntil(() => daemon.descendants().length === 0, { what: 'the end of what was left' });
  });
});

// The command of docs/reliability.md, for this daemon's socket. Sorted, as what is compared with it is.
function documented(what: 'find' | 'end', daemon: Daemon): string {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/reliability.md'), 'utf8');
  const [command = ''] = /^grep -\w+ 'SUPERVISOR_SERVER_URL=.*$/m.exec(page) ?? [];
  const [found = ''] = command
    .replace('/run/corevisor/supervisor.sock', daemon.path('supervisor.sock'))
    .split(' | xargs');
  return what === 'find' ? `${found} | sort -n` : `${found} | xargs -r kill`;
}

async function run(command: string): Promise<string> {
  return (await promisify(execFile)('/bin/sh', ['-c', command])).stdout;
}

// A zombie whose new parent is slow to bury it has ended too.
function lives(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readOrEmpty(file));
}

function commandOf(pid: number): string {
  return readOrEmpty(`/proc/${pid}/cmdline`);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ') X ';
  }
}

// FastCGI programs: php-cgi and fcgiwrap as Debian packs them, behind a real nginx, and the socket that they are given.
import { chmodSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { expect } from 'chai';
import { errorCode } from '../../src/base/system-error.ts';
import { createUsers } from '../../src/os/users.ts';
import { freePorts, listen } from '../support/free-port.ts';
import { describeStory, type Mode } from '../support/modes.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { fetchOnce, refuses, startLoad } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Name of the program, and of its group, path behind nginx and socket. */
const kinds = ['php-unix', 'php-tcp', 'wrap-unix', 'wrap-tcp'] as const;

describeStory('serving FastCGI programs behind nginx', (mode) => {
  let system: System;

  before(async () => {
    system = await startSystem(mode, { processes: 2 });
  });
  after(() => system.daemon.stop());

  for (const kind of kinds) {
    it(`lets both processes of ${kind} answer`, async () => {
      const pids = (await system.processes(kind)).map(({ pid }) => pid);
      await waitUntil(
        async () => {
          const answers = await Promise.all(
            Array.from({ length: 8 }, () => fetchOnce({ ...system, path: `/${kind}` })),
          );
          expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
          const seen = new Set(answers.map(({ body }) => Number(body)));
          expect(pids).to.include.members([...seen]);
          return seen.size === 2;
        },
        { what: `answers of both ${kind}` },
      );
    });

    it(`answers every request while one process of ${kind} after the other is killed`, async () => {
      const load = startLoad({ ...system, path: `/${kind}`, connections: 4 });
      const served = async (more: number): Promise<void> => {
        const goal = load.answered() + more;
        await waitUntil(() => load.failures.length > 0 || load.answered() >= goal, { what: `${more} answers` });
      };
      for (const { group, name, pid } of await system.processes(kind)) {
        await served(50);
        process.kill(pid, 'SIGKILL');
        const isNew = (info: { pid: number }): boolean => info.pid !== 0 && info.pid !== pid;
        await system.daemon.waitForProcess(`${group}:${name}`, isNew, { what: 'a new process' });
      }
      await served(50);
      load.stop();
      await load.over;
      expect(load.failures).to.deep.equal([]);
    });

    it(`refuses requests while ${kind} is stopped, and answers again when it is started`, async () => {
      await system.daemon.call('stopProcessGroup', kind);
      expect((await fetchOnce({ ...system, path: `/${kind}` })).status).to.equal(502);
      await system.daemon.call('startProcessGroup', kind);
      expect((await fetchOnce({ ...system, path: `/${kind}` })).status).to.equal(200);
    });
  }

  it('serves as the user of the program', async () => {
    const { uid } = createUsers().findUser('nobody') ?? { uid: -1 };
    const [first] = await system.processes('php-unix');
    expect(statSync(`/proc/${first?.pid}`).uid).to.equal(uid);
    expect(statSync(system.daemon.path('php-unix.sock'))).to.include({ uid });
  });
});

describeStory('replacing a FastCGI process while nginx passes requests on', (mode) => {
  it('loses no request, though there is only one', async () => {
    const system = await startSystem(mode, { processes: 1 });
    const load = startLoad({ ...system, path: '/php-unix', connections: 4 });
    for (let kill = 0; kill < 3; kill += 1) {
      const goal = load.answered() + 50;
      await waitUntil(() => load.failures.length > 0 || load.answered() >= goal, { what: '50 answers' });
      const [before] = await system.processes('php-unix');
      process.kill(before?.pid ?? 0, 'SIGKILL');
      const isNew = (info: { pid: number }): boolean => info.pid !== 0 && info.pid !== before?.pid;
      await system.daemon.waitForProcess('php-unix:0', isNew, { what: 'a new process' });
    }
    load.stop();
    await load.over;
    expect(load.failures).to.deep.equal([]);
    await system.daemon.stop();
  });
});

describeStory('the socket of a FastCGI program', (mode) => {
  let daemon: Daemon;
  afterEach(() => daemon.stop());

  it('is descriptor 0 of each process, which gets nothing beyond 2', async () => {
    daemon = await startDaemon(mode, {
      config: `
[fcgi-program:x]
command=sleep 1000
process_name=%(process_num)d
numprocs=2
socket=unix://%(here)s/x.sock
`,
    });
    const pids = [await daemon.waitForState('x:0', 'RUNNING'), await daemon.waitForState('x:1', 'RUNNING')];
    const sockets = pids.map(({ pid }) => readlinkSync(`/proc/${pid}/fd/0`));
    expect(sockets[0])
      .to.match(/^socket:/)
      .and.equal(sockets[1]);
    expect(await daemon.fault('sendProcessStdin', 'x:0', 'text')).to.match(/^NO_FILE/);
    for (const { pid } of pids) expect(readdirSync(`/proc/${pid}/fd`)).to.deep.equal(['0', '1', '2']);
  });

  const owned: readonly (readonly [string, { mode: number; user: string; group: string }])[] = [
    ['', { mode: 0o700, user: 'root', group: 'root' }],
    ['user=nobody', { mode: 0o700, user: 'nobody', group: 'nogroup' }],
    ['socket_owner=nobody\nsocket_mode=0770', { mode: 0o770, user: 'nobody', group: 'root' }],
    ['user=nobody\nsocket_owner=root:nogroup\nsocket_mode=0666', { mode: 0o666, user: 'root', group: 'nogroup' }],
  ];
  for (const [options, { mode: permissions, user, group }] of owned) {
    it(`belongs to ${user}:${group} with ${options.replaceAll('\n', ', ') || 'nothing said'}`, async () => {
      daemon = await startDaemon(mode, {
        config: `[fcgi-program:x]\ncommand=sleep 1000\nsocket=unix://%(here)s/x.sock\n${options}\n`,
      });
      await daemon.waitForState('x', 'RUNNING');
      const users = createUsers();
      const { mode: found, uid, gid } = statSync(daemon.path('x.sock'));
      expect([found & 0o7777, uid, gid]).to.deep.equal([
        permissions,
        users.findUser(user)?.uid,
        users.findGroup(group)?.gid,
      ]);
    });
  }

  it('lets as many wait as socket_backlog says', async () => {
    daemon = await startDaemon(mode, {
      config: '[fcgi-program:x]\ncommand=sleep 1000\nsocket=unix://%(here)s/x.sock\nsocket_backlog=1\n',
    });
    await daemon.waitForState('x', 'RUNNING');
    const outcomes = [];
    // The kernel takes one more than the backlog; nobody accepts.
    for (let client = 0; client < 3; client += 1) outcomes.push(await tryConnect(daemon.path('x.sock')));
    expect(outcomes).to.deep.equal(['connected', 'connected', 'EAGAIN']);
  });

  it('takes connections of all processes before they accept, and none when all are stopped', async () => {
    const [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, {
      config: `
[fcgi-program:x]
command=sleep 1000
process_name=%(process_num)d
numprocs=2
startsecs=0
socket=tcp://localhost:${port}
`,
    });
    await daemon.waitForState('x:1', 'RUNNING');
    await daemon.waitForState('x:0', 'RUNNING');
    expect(await refuses(port)).to.equal(false);
    await daemon.call('stopProcess', 'x:0');
    expect(await refuses(port)).to.equal(false);
    await daemon.call('stopProcess', 'x:1');
    expect(await refuses(port)).to.equal(true);
    await daemon.call('startProcess', 'x:1');
    expect(await refuses(port)).to.equal(false);
    const sockets = daemon.messages.filter((line) => / socket /.test(line)).map((line) => line.split(' ')[1]);
    expect(sockets).to.deep.equal(['Creating', 'Closing', 'Creating', 'Closing', 'Creating']);
  });

  it('takes the place of what an earlier daemon left, and is left in its turn', async () => {
    daemon = await startDaemon(mode, {
      config: '[fcgi-program:x]\ncommand=sleep 1000\nsocket=unix://%(here)s/x.sock\n',
    });
    const { pid: first } = await daemon.waitForState('x', 'RUNNING');
    await daemon.call('stopProcess', 'x');
    expect(statSync(daemon.path('x.sock')).isSocket()).to.equal(true);
    expect(await tryConnect(daemon.path('x.sock'))).to.equal('ECONNREFUSED');
    await daemon.call('startProcess', 'x');
    expect((await daemon.info('x')).pid).not.to.equal(first);
    expect(await tryConnect(daemon.path('x.sock'))).to.equal('connected');
  });
});

describeStory('a FastCGI socket that cannot be made', (mode) => {
  const program = '[fcgi-program:x]\ncommand=sleep 1000\nsocket=';

  it('refuses the configuration at the start, with the place', async () => {
    const daemon = await startDaemon(mode, { config: `${program}unix://%(here)s/nowhere/x.sock\n`, comesUp: false });
    expect((await daemon.waitForEnd()).status).to.equal(2);
    const [first, second] = daemon.errors.replaceAll(daemon.directory, 'DIR').split('\n');
    expect(first).to.equal('Error: Could not create FastCGI socket unix://DIR/nowhere/x.sock: ENOENT');
    expect(second).to.match(/^DIR\/supervisord\.conf:\d+: \[fcgi-program:x\] socket=unix:/);
    await daemon.stop();
  });

  it('deletes nothing but a socket to make room', async () => {
    const daemon = await startDaemon(mode, {
      config: `${program}unix://%(here)s/precious\n`,
      files: { precious: 'data' },
      comesUp: false,
    });
    expect((await daemon.waitForEnd()).status).to.equal(2);
    expect(daemon.errors).to.include('precious: the path exists and is not a socket');
    expect(daemon.read('precious')).to.equal('data');
    await daemon.stop();
  });

  it('is a fault when the group is added, and touches nothing that runs', async () => {
    const { server, port } = await listen();
    const other = '[program:other]\ncommand=sleep 1000\n';
    const daemon = await startDaemon(mode, { config: other });
    const before = await daemon.waitForState('other', 'RUNNING');
    daemon.writeConfig(`${other}${program}tcp://127.0.0.1:${port}\n`);
    await daemon.call('reloadConfig');
    expect(await daemon.fault('addProcessGroup', 'x')).to.match(
      /^FAILED: Could not create FastCGI socket tcp:\/\/127\.0\.0\.1:\d+: EADDRINUSE — .*accepted: /,
    );
    expect(await daemon.infos()).to.have.length(1);
    expect((await daemon.info('other')).pid).to.equal(before.pid);
    await new Promise((closed) => server.close(closed));
    await daemon.call('addProcessGroup', 'x');
    await daemon.waitForState('x', 'RUNNING');
    await daemon.stop();
  });

  it('fails the start of a process, which succeeds once the socket can be made', async () => {
    const [port = 0] = await freePorts(1);
    const daemon = await startDaemon(mode, {
      config: `${program}tcp://127.0.0.1:${port}\nautostart=false\nstartretries=100\n`,
    });
    const { server } = await listen(port);
    expect(await daemon.fault('startProcess', 'x')).to.match(/^SPAWN_ERROR/);
    const { spawnerr } = await daemon.waitForState('x', 'BACKOFF');
    expect(spawnerr).to.equal(`Could not create FastCGI socket tcp://127.0.0.1:${port}: EADDRINUSE`);
    await new Promise((closed) => server.close(closed));
    await daemon.waitForState('x', 'RUNNING');
    await daemon.stop();
  });

  it('may have a host that is none', async () => {
    const daemon = await startDaemon(mode, { config: `${program}tcp://..:9\n`, comesUp: false });
    expect((await daemon.waitForEnd()).status).to.equal(2);
    expect(daemon.errors).to.include('no such host: ..');
    await daemon.stop();
  });
});

interface System {
  readonly daemon: Daemon;
  /** nginx's. */
  readonly port: number;
  processes(kind: string): Promise<{ group: string; name: string; pid: number }[]>;
}

/** All kinds of programs and an nginx in front of them, all of whom answer. */
async function startSystem(mode: Mode, { processes }: { processes: number }): Promise<System> {
  const [port = 0, phpPort = 0, wrapPort = 0] = await freePorts(3);
  const sockets = {
    'php-unix': 'unix://%(here)s/%(program_name)s.sock\nuser=nobody',
    'php-tcp': `tcp://127.0.0.1:${phpPort}`,
    'wrap-unix': 'unix://%(here)s/%(program_name)s.sock',
    'wrap-tcp': `tcp://localhost:${wrapPort}`,
  };
  const addresses = {
    'php-unix': 'unix:php-unix.sock',
    'php-tcp': `127.0.0.1:${phpPort}`,
    'wrap-unix': 'unix:wrap-unix.sock',
    'wrap-tcp': `127.0.0.1:${wrapPort}`,
  };
  const programs = kinds.map(
    (kind) => `
[fcgi-program:${kind}]
command=${kind.startsWith('php') ? 'php-cgi' : 'fcgiwrap'}
environment=PHP_FCGI_MAX_REQUESTS=0
process_name=%(process_num)d
numprocs=${processes}
startsecs=0
autorestart=true
socket=${sockets[kind]}
`,
  );
  // The same server twice: what a killed process had accepted is asked for once more.
  const upstreams = kinds.map((kind) => {
    const server = `server ${addresses[kind].replace('unix:', 'unix:DIR/')} max_fails=0;`;
    return `upstream ${kind} { ${server} ${server} }`;
  });
  const locations = kinds.map(
    (kind) => `location /${kind} {
      fastcgi_param SCRIPT_FILENAME DIR/${kind.startsWith('php') ? 'pid.php' : 'pid.sh'};
      fastcgi_pass ${kind};
    }`,
  );
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  const daemon = await startDaemon(mode, {
    config: `
[program:nginx]
command=nginx -p %(here)s -c %(here)s/nginx.conf
autostart=false
${programs.join('')}`,
    environment: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    files: {
      'pid.php': '<?php echo getmypid();',
      'pid.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n$PPID"\n',
    },
  });
  chmodSync(daemon.path('pid.sh'), 0o755);
  daemon.write(
    'nginx.conf',
    `user root; daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  ${paths.join(' ')}
  fastcgi_param REQUEST_METHOD $request_method;
  fastcgi_param REDIRECT_STATUS 200;
  ${upstreams.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${locations.join('\n    ')}
  }
}
`.replaceAll('DIR', daemon.directory),
  );
  await daemon.call('startProcess', 'nginx');
  await waitUntil(async () => !(await refuses(port)), { what: () => `nginx: ${daemon.output}${daemon.errors}` });
  for (const kind of kinds) {
    const answers = async (): Promise<boolean> => (await fetchOnce({ port, path: `/${kind}` })).status === 200;
    await waitUntil(answers, { what: () => `an answer of ${kind}: ${daemon.output}` });
  }
  const ofGroup = async (kind: string): Promise<{ group: string; name: string; pid: number }[]> =>
    (await daemon.infos()).filter(({ group }) => group === kind);
  return { daemon, port, processes: ofGroup };
}

/** `connected`, or the name of the error. */
function tryConnect(path: string): Promise<string> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      done('connected');
    });
    socket.once('error', (error) => done(errorCode(error)));
  });
}

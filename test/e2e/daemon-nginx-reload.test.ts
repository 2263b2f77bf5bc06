// What reaches nginx when its servers change: only what its own test lets through, and nginx runs on whatever happens.
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { freePortRange, freePorts } from '../support/free-port.ts';
import { describeStory, type Mode } from '../support/modes.ts';
import { startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { fetchOnce, paths, refuses } from '../support/serving.ts';
import { waitUntil } from '../support/wait-until.ts';

interface System {
  readonly daemon: Daemon;
  readonly port: number;
  /** The file with that many workers, and further lines in [upstream:web]. */
  config: (workers: number, upstream?: string) => string;
  nginxConf: (more?: string) => string;
}

const gone = (text: string): string => text.replace('command=nginx ', 'command=/nowhere/nginx ');

describeStory('keeping nginx up whatever becomes of its servers', (mode) => {
  let system: System;
  afterEach(() => system.daemon.stop());

  it('brings the old file back and reloads nothing when nginx says no, and tries again once it is put right', async () => {
    system = await startSystem(mode, {});
    const { daemon, port, config, nginxConf } = system;
    const { pid } = await daemon.info('nginx');
    const file = daemon.read('upstream-web.conf');
    daemon.write('nginx.conf', nginxConf('no_such_directive on;'));
    daemon.writeConfig(config(3));
    await update(daemon);
    await daemon.waitForMessage(
      /^ERRO nginx is not reloaded, .*upstream-web\.conf stays as it was: .* -t: exit status 1; .*no_such_directive/,
    );
    expect(daemon.read('upstream-web.conf')).to.equal(file);
    expect(daemon.messages.filter((line) => /reloading nginx/.test(line))).to.deep.equal([]);
    await serves(port);

    daemon.write('nginx.conf', nginxConf());
    await update(daemon);
    await daemon.waitForMessage(/^INFO reloading nginx for its upstreams$/);
    expect(daemon.read('upstream-web.conf').match(/ server /g)).to.have.length(3);
    expect((await daemon.info('nginx')).pid).to.equal(pid);
    await serves(port);
    expect(daemon.messages.filter((line) => line.includes('is not reloaded'))).to.have.length(1);
  });

  it('kills a test that never ends, and answers meanwhile', async () => {
    system = await startSystem(mode, { upstream: 'test=sleep 1000\n' });
    const { daemon, port, config } = system;
    const file = daemon.read('upstream-web.conf');
    daemon.writeConfig(config(3, 'test=sleep 1000\n'));
    await update(daemon);
    await waitUntil(() => daemon.read('upstream-web.conf') !== file, { what: 'the changed file' });
    const askedAt = performance.now();
    await daemon.infos();
    expect(performance.now() - askedAt).to.be.lessThan(5000);
    await daemon.waitForMessage(/^ERRO nginx is not reloaded, .*sleep 1000: killed, as it took longer than 10 s$/);
    expect(daemon.read('upstream-web.conf')).to.equal(file);
    await serves(port);
  });

  it('lives on without the program that it would reload', async () => {
    system = await startSystem(mode, {});
    const { daemon, config } = system;
    await daemon.call('stopProcess', 'nginx', true);
    daemon.writeConfig(gone(config(2)));
    await update(daemon);
    await daemon.waitForState('nginx', 'FATAL');
    const file = daemon.read('upstream-web.conf');
    daemon.writeConfig(gone(config(3)));
    await update(daemon);
    await daemon.waitForMessage(/^ERRO nginx is not reloaded, .*: can't find command '\/nowhere\/nginx'$/);
    expect(daemon.read('upstream-web.conf')).to.equal(file);
    daemon.writeConfig(config(3));
    await update(daemon);
    await daemon.waitForState('nginx', 'RUNNING');
    await waitUntil(() => daemon.read('upstream-web.conf') !== file, { what: 'the file with three workers' });
  });

  it('takes a section that was changed with the reread, tested and reloaded', async () => {
    system = await startSystem(mode, {});
    const { daemon, config, port } = system;
    const text = config(2).replace('server=127.0.0.1:', 'server=localhost:');
    daemon.writeConfig(text);
    await daemon.call('reloadConfig');
    await daemon.waitForMessage(/^INFO reloading nginx for its upstreams$/);
    expect(daemon.read('upstream-web.conf')).to.include('server localhost:');
    await serves(port);
  });
});

/** After an update the workers may have yet to listen. */
async function serves(port: number): Promise<void> {
  await waitUntil(async () => (await fetchOnce({ port })).status === 200, { what: 'an answer with 200' });
}

async function update(daemon: Daemon): Promise<void> {
  const { status } = await runCtl('corevisorctl', { config: daemon.configFile, arguments: ['update'] });
  expect(status).to.equal(0);
}

async function startSystem(mode: Mode, { upstream = '' }: { upstream?: string }): Promise<System> {
  const firstWorker = await freePortRange(3);
  const [port = 0] = await freePorts(1);
  // As root nginx would give its own processes another user, who may not enter the test's folder.
  const user = process.getuid?.() === 0 ? 'user root; ' : '';
  const config = (workers: number, more = ''): string => `[program:web]
command=node --require ${paths.worker} ${paths.server}
numprocs=${workers}
numprocs_start=${firstWorker}
process_name=%(program_name)s-%(process_num)d
environment=PORT="%(process_num)d"
startsecs=0
[program:nginx]
command=nginx -p %(here)s -c %(here)s/nginx.conf -e stderr -g "${user}daemon off;"
stopsignal=QUIT
startretries=0
stdout_logfile=%(here)s/nginx.out
redirect_stderr=true
[upstream:web]
server=127.0.0.1:%(process_num)d
file=%(here)s/upstream-web.conf
reload=nginx
${more}`;
  const nginxConf = (more = ''): string => `pid nginx.pid;
events { }
${more}
http {
  include upstream-web.conf;
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp-${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ''; }
  }
}
`;
  const daemon = await startDaemon(mode, { config: config(2, upstream), files: { 'nginx.conf': nginxConf() } });
  await daemon.waitForState('nginx', 'RUNNING');
  for (const each of [firstWorker, firstWorker + 1, port])
    await waitUntil(async () => !(await refuses(each)), { what: () => `port ${each}: ${daemon.read('nginx.out')}` });
  return { daemon, port, config, nginxConf };
}

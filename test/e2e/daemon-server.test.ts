// The control socket and its neighbours: who is let in, what the pidfile says, and the health addresses.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { runCtl } from '../support/ctl.ts';
import { freePorts } from '../support/free-port.ts';
import { describeStory } from '../support/modes.ts';
import { ask, callRpc, type Address } from '../support/rpc.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

describeStory('guarding the control socket', (mode) => {
  const daemons: Daemon[] = [];
  const guards = [
    { what: 'a plain password', password: 'cor:rect' },
    { what: 'a {SHA} password', password: `{SHA}${createHash('sha1').update('cor:rect').digest('hex')}` },
  ];

  after(() => Promise.all(daemons.map((daemon) => daemon.stop())));

  for (const { what, password } of guards) {
    it(`lets in over TCP who knows ${what}, and nobody else`, async () => {
      const [port = 0] = await freePorts(1);
      const daemon = await startDaemon(mode, {
        config: `
[inet_http_server]
port=127.0.0.1:${port}
username=user
password=${password}
[program:p]
command=${child('stays.sh')}
`,
      });
      daemons.push(daemon);
      const inet: Address = { host: '127.0.0.1', port };
      const call = { method: 'supervisor.getState' };
      const state = { statecode: 1, statename: 'RUNNING' };
      expect(await callRpc({ ...inet, auth: 'user:cor:rect' }, call)).to.deep.equal(state);
      for (const auth of [
        'user:wrong',
        'other:cor:rect',
        'user:',
        `user:${password.replace('cor:rect', 'COR:RECT')}x`,
      ]) {
        const answer = await ask({ ...inet, auth }, { path: '/RPC2', method: 'POST', body: Buffer.from('') });
        expect(answer.status, auth).to.equal(401);
      }
      for (const path of ['/RPC2', '/logtail/p', '/mainlogtail', '/']) {
        const answer = await ask(inet, { path, method: path === '/RPC2' ? 'POST' : 'GET', body: Buffer.from('') });
        expect(answer.status, path).to.equal(401);
        expect(answer.headers['www-authenticate']).to.equal('Basic realm="default"');
      }
      expect(await daemon.call('getState'), 'over the socket, which has no password').to.deep.equal(state);
    });
  }

  it('lets supervisorctl and corevisorctl in with name and password', async () => {
    const [port = 0] = await freePorts(1);
    const daemon = await startDaemon(mode, {
      config: `
[inet_http_server]
port=127.0.0.1:${port}
username=user
password=correct
[program:p]
command=${child('stays.sh')}
`,
    });
    daemons.push(daemon);
    await daemon.waitForState('p', 'RUNNING');
    const ctl = mode === 'reference' ? 'supervisorctl' : 'corevisorctl';
    const askPid = (password: string): ReturnType<typeof runCtl> =>
      runCtl(ctl, {
        arguments: ['-c', daemon.configFile, '-s', `http://127.0.0.1:${port}`, '-u', 'user', '-p', password, 'pid'],
      });
    expect(await askPid('correct')).to.deep.equal({ stdout: `${daemon.pid}\n`, stderr: '', status: 0 });
    const refused = await askPid('wrong');
    expect(refused.stdout.split('\n')[0]).to.equal('Server requires authentication');
    expect(refused.status).not.to.equal(0);
  });

  it('gives the socket the permissions of chmod', async () => {
    const daemon = await startDaemon(mode, { config: '[unix_http_server]\nchmod=0770\n' });
    daemons.push(daemon);
    expect(statSync(daemon.path('supervisor.sock')).mode & 0o777).to.equal(0o770);
  });

  it('takes over the socket of a daemon that was killed', async () => {
    const first = await startDaemon(mode, { config: '' });
    daemons.push(first);
    first.signal('SIGKILL');
    await first.waitForEnd();
    expect(existsSync(first.path('supervisor.sock'))).to.equal(true);
    const second = await startDaemon(mode, {
      config: `[unix_http_server]\nfile=${first.path('supervisor.sock')}\n`,
      comesUp: false,
    });
    daemons.push(second);
    await second.waitForMessage(/^INFO supervisord started with pid /);
    expect(await first.call('getPID'), 'over the old socket').to.equal(second.pid);
  });
});

describeStory('the pidfile', (mode) => {
  it('holds the pid of the daemon and goes away with it', async () => {
    const daemon = await startDaemon(mode, { config: '[supervisord]\npidfile=%(here)s/own.pid\n' });
    expect(daemon.read('own.pid')).to.equal(`${daemon.pid}\n`);
    daemon.signal('SIGTERM');
    await daemon.waitForEnd();
    expect(existsSync(daemon.path('own.pid'))).to.equal(false);
    await daemon.stop();
  });

  it('is taken over from a daemon that was killed', async () => {
    const daemon = await startDaemon(mode, { config: '', files: { 'supervisord.pid': '99999999\n' } });
    expect(daemon.read('supervisord.pid')).to.equal(`${daemon.pid}\n`);
    await daemon.stop();
  });

  it('may be impossible to write: the daemon says so and goes on', async () => {
    const daemon = await startDaemon(mode, {
      config: '[supervisord]\npidfile=%(here)s/a-directory\n',
      files: { 'a-directory/x': '' },
    });
    await daemon.waitForMessage(new RegExp(`^CRIT could not write pidfile ${daemon.path('a-directory')}$`));
    await daemon.stop();
  });
});

describeStory('answering health checks', (mode) => {
  let daemon: Daemon;
  let port = 0;

  before(async () => {
    [port = 0] = await freePorts(1);
    daemon = await startDaemon(mode, {
      config: `
[unix_http_server]
username=user
password=secret
[inet_http_server]
port=127.0.0.1:${port}
username=user
password=secret
[supervisorctl]
username=user
password=secret
[program:slow]
command=${child('stays.sh')}
startsecs=2
[program:manual]
command=${child('stays.sh')}
autostart=false
[program:init]
command=${child('exits-with.sh')} 0
startsecs=0
autorestart=false
`,
      comesUp: false,
    });
    await daemon.waitForMessage(/^INFO spawned: 'slow'/);
  });

  after(() => daemon.stop());

  const status = async (path: string): Promise<number> => (await ask(daemon.address, { path })).status;

  it('is live without a password, and ready once what autostarts is running or has ended as expected', async () => {
    expect(await status('/livez')).to.equal(200);
    expect(await status('/readyz')).to.equal(503);
    await daemon.waitForMessage(/^INFO success: slow entered RUNNING state/);
    expect(await status('/readyz')).to.equal(200);
    expect(await status('/RPC2')).to.equal(401);
  });

  it('answers through corevisorctl healthcheck with status 0, and 1 when nobody answers', async () => {
    await daemon.waitForMessage(/^INFO success: slow entered RUNNING state/);
    expect(await check(daemon.configFile)).to.deep.equal([0, 'ok\n', '']);
    expect(await check(daemon.configFile, '--live')).to.deep.equal([0, 'ok\n', '']);
    const nobody = daemon.path('nobody.conf');
    writeFileSync(nobody, `[supervisorctl]\nserverurl=unix://${daemon.path('nobody.sock')}\n`);
    expect((await check(nobody))[0]).to.equal(1);
    expect((await check(daemon.configFile, '--dead'))[0]).to.equal(2);
  });

  it('is asked over TCP with the password of the file, by URL over http and https, and says one line', async () => {
    await daemon.waitForMessage(/^INFO success: slow entered RUNNING state/);
    const tcp = daemon.path('tcp.conf');
    const login = 'username=user\npassword=secret\n';
    writeFileSync(tcp, `[supervisorctl]\nserverurl=http://127.0.0.1:${port}\n${login}`);
    expect(await check(tcp)).to.deep.equal([0, 'ok\n', '']);
    const base = `http://127.0.0.1:${port}`;
    expect(await check(tcp, `${base}/livez`)).to.deep.equal([0, '200\n', '']);
    expect(await check(tcp, `${base}/metrics`)).to.deep.equal([1, '401\n', '']);
    expect(await check(tcp, `http://user:secret@127.0.0.1:${port}/metrics`)).to.deep.equal([0, '200\n', '']);
    const [exit, said] = await check(tcp, base.replace('http', 'https'));
    expect([exit, said.split(':')[0]], 'no TLS is spoken there').to.deep.equal([1, 'unhealthy']);
  });
});

async function check(config: string, ...words: string[]): Promise<readonly [number | null, string, string]> {
  const { status, stdout, stderr } = await runCtl('corevisorctl', { config, arguments: ['healthcheck', ...words] });
  return [status, stdout, stderr];
}

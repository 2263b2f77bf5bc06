// Who may talk to the daemon, and what it says of those who do: the peer of a unix socket, servers without a password, and
// names of other sites.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { freePorts } from '../support/free-port.ts';
import { modesUnderTest, type Mode } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { ask, callRpc } from '../support/rpc.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

const isReference = modesUnderTest().includes('reference');
const program = `[program:p]\ncommand=${child('stays.sh')}\nstartsecs=0\nautostart=false\n`;
const daemons: Daemon[] = [];
const start = async (config: string, mode: Mode = 'native'): Promise<Daemon> => {
  const daemon = await startDaemon(mode, { config: program + config });
  daemons.push(daemon);
  return daemon;
};

const stopAll = async (): Promise<void> => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
};

/** Makes a call from a process of its own and answers that one's pid. */
function commandAs(daemon: Daemon, order: { uid: number; gid: number; words: readonly string[] }): number {
  const script = resolve(import.meta.dirname, '../fixtures/commands.cjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script, daemon.path('supervisor.sock'), ...order.words], {
    uid: order.uid,
    gid: order.gid,
    encoding: 'utf8',
  });
  const [, pid] = /^(\d+) \w+\n$/.exec(stdout) ?? [];
  if (pid === undefined) throw new Error(`no pid in ${stdout}${stderr}`);
  return Number(pid);
}

if (!isReference) {
  describeWith(['koffi', 'root'], 'who asks for a change over a unix socket', () => {
    let daemon: Daemon;
    after(stopAll);
    before(async () => {
      daemon = await start('[unix_http_server]\nchmod=0777\n');
      chmodSync(daemon.directory, 0o755);
    });

    it('stands in the log with process, user and group, by the word of the kernel', async () => {
      const pid = commandAs(daemon, { uid: 65534, gid: 65534, words: ['startProcess', 'p'] });
      await daemon.waitForMessage(
        new RegExp(
          String.raw`^INFO command supervisor\.startProcess\('p'\) by pid ${pid}, uid 65534 \(nobody\), gid 65534$`,
        ),
      );
    });

    it('stands in the log also when it did not wait for the answer', async () => {
      const pid = commandAs(daemon, { uid: 65533, gid: 65533, words: ['stopAllProcesses', '', 'leave'] });
      await daemon.waitForMessage(
        new RegExp(String.raw`^INFO command supervisor\.stopAllProcesses\(\) by pid ${pid}, uid 65533, gid 65533$`),
      );
      await daemon.waitForState('p', 'STOPPED');
    });

    it('stands in the log with its name in quotes, so that nobody writes lines of his own', async () => {
      commandAs(daemon, { uid: 65534, gid: 65534, words: ['startProcess', 'x\nCRIT forged'] });
      await daemon.waitForMessage(/^INFO command supervisor\.startProcess\('x\\nCRIT forged'\) by pid/);
      expect(daemon.messages.filter((line) => line.startsWith('CRIT forged'))).to.deep.equal([]);
    });

    it('is not asked of those who only look', async () => {
      await daemon.call('getAllProcessInfo');
      await daemon.call('reloadConfig');
      await daemon.waitForMessage(/^INFO command supervisor\.reloadConfig\(\) by pid/);
      expect(daemon.messages.filter((line) => line.startsWith('INFO command supervisor.get'))).to.deep.equal([]);
    });
  });

  describe('who asks for a change where the kernel cannot be asked', () => {
    after(stopAll);

    it('is a client of the unix socket', async () => {
      const daemon = await start('', 'portable');
      await daemon.call('startProcess', 'p');
      await daemon.waitForMessage(/^INFO command supervisor\.startProcess\('p'\) by a client of the unix socket$/);
    });
  });

  describeWith(['koffi'], 'a server without a password', () => {
    afterEach(stopAll);

    it('says what is to be done about it when other machines can reach it', async () => {
      const [port = 0] = await freePorts(1);
      const daemon = await start(`[inet_http_server]\nport=0.0.0.0:${port}\n`);
      await daemon.waitForMessage(/^CRIT Server 'inet_http_server' running without any HTTP authentication checking$/);
      const [line = ''] = await daemon.waitForMessage(/^CRIT \[inet_http_server\] whoever reaches port/);
      expect(line).to.contain(`set username and password, or port=127.0.0.1:${port}`);
    });

    it('is not called open on loopback', async () => {
      const [port = 0] = await freePorts(1);
      const daemon = await start(`[inet_http_server]\nport=127.0.0.1:${port}\n`);
      await daemon.waitForMessage(/^CRIT Server 'inet_http_server' running without any HTTP authentication checking$/);
      expect(daemon.messages.filter((line) => line.includes('whoever reaches'))).to.deep.equal([]);
    });

    for (const address of ['*', '0.0.0.0', '', '[::]', '10.1.2.3', '127.example.org', 'example.org']) {
      it(`keeps a strict daemon from starting on ${address === '' ? 'a port alone' : address}`, async () => {
        const daemon = await startDaemon('native', {
          config: `[supervisord]\nstrict=true\n[inet_http_server]\nport=${address}:9\n`,
          comesUp: false,
        });
        daemons.push(daemon);
        expect((await daemon.waitForEnd()).status).to.equal(2);
        expect(daemon.errors).to.contain('[inet_http_server] listens off loopback without a password');
      });
    }

    it('refuses a page that has made its name point to it, and no client of supervisord', async () => {
      const [port = 0] = await freePorts(1);
      const daemon = await start(`[inet_http_server]\nport=127.0.0.1:${port}\n`);
      const inet = { host: '127.0.0.1', port };
      expect(await callRpc(inet, { method: 'supervisor.startProcess', params: ['p'] })).to.equal(true);
      await daemon.waitForMessage(/^INFO command supervisor\.startProcess\('p'\) by 127\.0\.0\.1:\d+$/);
      const body = Buffer.from('<methodCall><methodName>supervisor.stopAllProcesses</methodName></methodCall>');
      const asked = async (path: string, headers: Record<string, string>): Promise<number> =>
        (
          await ask(inet, {
            path,
            method: path === '/RPC2' ? 'POST' : 'GET',
            ...(path === '/RPC2' ? { body } : {}),
            headers,
          })
        ).status;
      const evil = `evil.example.com:${port}`;
      for (const path of ['/RPC2', '/', '/logtail/p', '/mainlogtail', '/tail.html?processname=p']) {
        expect(await asked(path, { Host: evil, Origin: `http://${evil}` }), path).to.equal(403);
      }
      for (const host of [
        `127.0.0.1:${port}`,
        `localhost:${port}`,
        `box:${port}`,
        `[::1]:${port}`,
        'supervisor.example.com',
        '',
      ]) {
        expect(await asked('/', { Host: host }), host).to.equal(200);
      }
      expect((await daemon.info('p')).statename).to.equal('RUNNING');
      const [line = ''] = await daemon.waitForMessage(/^WARN \[inet_http_server\] refused a request that a web page/);
      expect(line).to.match(/: 127\.0\.0\.1$/);
    });
  });
}

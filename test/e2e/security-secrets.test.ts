// Secrets planted wherever the configuration and clients may put one, and a look at everything that comes out of the daemon
// by every way: logs at their most talkative, RPC answers and faults, the web page, corevisorctl.
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { freePorts } from '../support/free-port.ts';
import { modesUnderTest } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { ask, type Address } from '../support/rpc.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { writeCall, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';

/** Every secret has this in it, and what follows tells where it was planted. */
const mark = 'sesame-open';
const secret = (place: string): string => `${mark}-${place}`;

const config = (port: number, more = ''): string => `
[supervisord]
loglevel=trace
environment=GLOBAL="${secret('global')}"
[inet_http_server]
port=127.0.0.1:${port}
username=user
password=${secret('password')}
[supervisorctl]
password=${secret('ctl')}
[program:p]
command=${child('stays.sh')}
environment=OWN="${secret('own')}",QUOTED='${secret('quoted')},x'
env_file=%(here)s/p.env
startsecs=0
[program:misspelt]
command=${child('stays.sh')}
enviroment=TOKEN="${secret('misspelt')}"
autostart=false
[program:missing]
command=/nowhere/at-all
environment=OWN="${secret('missing')}"
startretries=0
[program:unreadable]
command=${child('stays.sh')}
env_file=%(here)s/none.env
environment=OWN="${secret('unreadable')}"
startretries=0
[program:crashing]
command=${child('exits-with.sh')} 3
environment=OWN="${secret('crashing')}"
autorestart=false
startsecs=0
${more}`;

if (!modesUnderTest().includes('reference')) {
  describeWith(['koffi'], 'a secret', () => {
    let daemon: Daemon;
    let port: number;
    const heard: { way: string; text: string }[] = [];
    const hear = (way: string, text: string): void => void heard.push({ way, text });
    const leaks = (): string[] =>
      heard.flatMap(({ way, text }) =>
        [...text.matchAll(new RegExp(`.{0,60}${mark}[\\w-]*`, 'g'))].map(([found]) => `${way}: ${found}`),
      );

    before(async () => {
      [port = 0] = await freePorts(1);
      daemon = await startDaemon('native', {
        config: config(port),
        files: { 'p.env': `FROM_FILE=${secret('env-file')}\n` },
        environment: { INHERITED: secret('inherited') },
      });
    });
    after(() => daemon.stop());

    const inet = (): Address => ({ host: '127.0.0.1', port, auth: `user:${secret('password')}` });
    const post = async (way: string, body: string): Promise<void> => {
      const answer = await ask(daemon.address, { method: 'POST', path: '/RPC2', body: Buffer.from(body) });
      hear(way, answer.body.toString());
    };
    const call = (method: string, ...params: XmlRpcValue[]): Promise<void> =>
      post(`${method}(${JSON.stringify(params)})`, writeCall(method, params));
    const ctl = async (...words: string[]): Promise<void> => {
      const said = await runCtl('corevisorctl', { arguments: ['-c', daemon.configFile, ...words] });
      hear(`corevisorctl ${words.join(' ')}`, said.stdout + said.stderr);
    };

    it('is known to those for whom it is', () => {
      expect(daemon.read('supervisord.conf')).to.contain(secret('own'));
    });

    it('is in no answer of any method, whatever it is asked about', async () => {
      const listed = await ask(daemon.address, {
        method: 'POST',
        path: '/RPC2',
        body: Buffer.from(writeCall('system.listMethods', [])),
      });
      const methods = [...listed.body.toString().matchAll(/<string>([\w.]+)<\/string>/g)].map(([, name = '']) => name);
      expect(methods.length).to.be.at.least(30);
      for (const method of methods.filter((name) => !/\.(shutdown|restart)$/.test(name))) {
        await call(method);
        for (const name of ['p', 'misspelt', 'missing', 'unreadable', 'crashing']) {
          await call(method, name);
          await call(method, name, 0, 100_000);
        }
        await call(method, 0, 100_000);
      }
    }).timeout(120_000);

    it('is not repeated that a client sends to a program or to listeners, nor when the call is broken', async () => {
      await call('supervisor.sendProcessStdin', 'p', secret('stdin'));
      await call('supervisor.sendProcessStdin', 'none', secret('stdin'));
      await call('supervisor.sendRemoteCommEvent', secret('kind'), secret('event'));
      await post('broken', `${writeCall('supervisor.sendProcessStdin', ['p', secret('broken')])}<`);
      await call('system.multicall', [
        { methodName: 'supervisor.sendProcessStdin', params: ['p', secret('multicall')] },
      ]);
      const login = { ...inet(), auth: `user:${secret('guess')}` };
      hear('a wrong password', (await ask(login, { path: '/' })).body.toString());
    });

    it('is in no page', async () => {
      for (const path of ['/', '/?message=x', '/tail.html?processname=p', '/tail.html?processname=missing', '/nope']) {
        hear(path, (await ask(inet(), { path })).body.toString());
      }
    });

    it('is in nothing that corevisorctl prints', async () => {
      for (const words of [
        'status',
        'status --json',
        'avail',
        'why p',
        'why missing',
        'why unreadable',
        'why crashing',
      ])
        await ctl(...words.split(' '));
      await ctl('maintail', '-100000');
      for (const name of ['p', 'missing', 'crashing']) await ctl('tail', name);
    });

    it('is in no error of a configuration that is read again', async () => {
      const broken = [
        `[program:x]\ncommand=x\nenvironment=A="${secret('unclosed')}\n`,
        `[program:x]\ncommand=x\nenvironment=${secret('no-value')}\n`,
        `[program:x]\ncommand=x\nenvironment=A="%(nope)s${secret('expansion')}"\n`,
        `[program:x]\ncommand=x\nenvironment=A="${secret('closed')}" B\n`,
        `[inet_http_server:x]\nport=1\npassword=${secret('half')}\n`,
        `[unix_http_server:x]\nfile=/tmp/x\npasword=${secret('typing-error')}\n`,
        `[program:p]\nenvironment=OWN="${secret('changed')}"\nenv_file=%(here)s/p.env\ncommand=${child('stays.sh')}\n`,
      ];
      for (const more of broken) {
        daemon.write('supervisord.conf', daemon.read('supervisord.conf').split('; broken')[0] + `; broken\n${more}`);
        await call('supervisor.reloadConfig');
      }
      await ctl('reread');
    });

    it('is in no log', () => {
      hear('the daemon’s log', daemon.read('supervisord.log'));
      hear('its stdout', daemon.output);
      hear('its stderr', daemon.errors);
      expect(daemon.read('supervisord.log')).to.contain('TRAC');
      expect(leaks()).to.deep.equal([]);
    });

    it('is in no last word of a daemon that ends, or does not start', async () => {
      const files = { 'p.env': `FROM_FILE=${secret('env-file')}\n` };
      const essential = config(port, '[program:vital]\ncommand=/bin/false\nessential=true\nautorestart=false\n');
      await daemon.stop();
      const ending = await startDaemon('native', { config: essential, files, comesUp: false });
      await ending.waitForEnd();
      hear('the post-mortem', ending.output + ending.errors + ending.read('supervisord.log'));
      await ending.stop();
      for (const line of [`environment=A="${secret('unclosed')}`, `environment=A="%(nope)s${secret('x')}"`]) {
        const stillborn = await startDaemon('native', {
          config: config(port, `[program:x]\ncommand=x\n${line}\n`),
          files,
          comesUp: false,
        });
        await stillborn.waitForEnd();
        hear('a start that failed', stillborn.output + stillborn.errors);
        await stillborn.stop();
      }
      expect(leaks()).to.deep.equal([]);
    });
  });
}

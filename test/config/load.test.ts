import { expect } from 'chai';
import { configError, fakeLoadContext, makeConfig, withoutDirectory } from '../support/make-config.ts';
import { ConfigError } from '../../src/base/errors.ts';
import { loadConfig } from '../../src/config/load.ts';

describe('loading a configuration', () => {
  it('has supervisord’s defaults for the daemon', () => {
    const { supervisord } = makeConfig('', { environment: { TMPDIR: '/nope', HOME: '/root' } });
    expect(supervisord).to.deep.equal({
      logfile: { kind: 'file', path: `${process.cwd()}/supervisord.log` },
      logfile_maxbytes: 52428800,
      logfile_backups: 10,
      loglevel: 'info',
      pidfile: `${process.cwd()}/supervisord.pid`,
      umask: 0o22,
      nodaemon: false,
      silent: false,
      minfds: 1024,
      minprocs: 200,
      nocleanup: false,
      childlogdir: '/tmp',
      user: null,
      directory: null,
      strip_ansi: false,
      environment: {},
      identifier: 'supervisor',
      parent_death: false,
      predrain: 0,
      shutdown_timeout: null,
      strict: false,
    });
  });

  it('lets the command line win over the file', () => {
    const { supervisord } = makeConfig('identifier=file\nloglevel=warn\n', {
      flags: { identifier: 'flag', nodaemon: true },
    });
    expect(supervisord).to.deep.include({ identifier: 'flag', loglevel: 'warn', nodaemon: true });
  });

  it('knows syslog as a place for the daemon’s log', () => {
    expect(makeConfig('logfile=syslog\n').supervisord.logfile).to.deep.equal({ kind: 'syslog' });
  });

  it('finds the daemon’s user', () => {
    expect(makeConfig('user=nobody\n').supervisord.user).to.deep.include({ name: 'nobody', uid: 65534 });
    expect(configError('user=nosuch\n').message).to.equal('Invalid user name nosuch');
  });

  it('says where the daemon’s unknown user is named, in the file or on the command line', () => {
    expect(configError('user=nosuch\n').detail).to.match(/^DIR\/supervisord\.conf:2: \[supervisord\] user=nosuch; /);
    expect(() => makeConfig('user=nobody\n', { flags: { user: 'nosuch' } }))
      .to.throw('Invalid user name nosuch')
      .with.property('detail', '--user=nosuch; accepted: a user of this machine, by name or number');
  });

  it('knows here and ENV_X, but the host only in the second expansion of environment', () => {
    const { supervisord, here } = makeConfig(
      'identifier=%(here)s %(ENV_GREETING)s\nenvironment=H="%%(host_node_name)s"\n',
    );
    expect(supervisord.identifier).to.equal(`${here} hello`);
    expect(supervisord.environment).to.deep.equal({ H: 'node-1' });
    expect(configError('environment=H="%(host_node_name)s"\n').message).to.equal(
      "Format string 'H=***' for 'supervisord.environment' contains names ('host_node_name') which cannot be expanded. " +
        'Available names: ENV_GREETING, ENV_HOME, here',
    );
  });

  it('wants a [supervisord] section', () => {
    expect(configError({ 'supervisord.conf': '' }).message).to.equal('.ini file does not include supervisord section');
  });

  it('wants a file that is there and can be read', () => {
    expect(() => loadConfig('/nope/x.conf', fakeLoadContext)).to.throw('could not find config file /nope/x.conf');
    expect(() => loadConfig('/', fakeLoadContext)).to.throw('could not read config file /');
  });

  it('reads whatever stands before a cut as a configuration, or says what is wrong, wherever the cut is', () => {
    const whole =
      '[supervisord]\nidentifier=x\nenvironment=A="1",B="%(here)s"\n[program:web]\ncommand=x -p %(process_num)d\nnumprocs=2\n' +
      'process_name=web-%(process_num)02d\nrestart_limit=10/60\n  \n[group:all]\nprograms=web\n[unix_http_server]\nfile=/tmp/x\n';
    for (let length = 0; length < whole.length; length += 1) {
      try {
        makeConfig({ 'supervisord.conf': whole.slice(0, length) });
      } catch (error) {
        expect(error, whole.slice(0, length)).to.be.instanceOf(ConfigError);
      }
    }
  });

  it('says nothing of a folder that a pattern of [include] matches', () => {
    const { messages } = makeConfig({
      'supervisord.conf': '[supervisord]\n[include]\nfiles=parts/*\n',
      'parts/below/x': '',
      'parts/latin': '',
    });
    expect(messages.filter(({ level }) => level === 'warn')).to.deep.equal([]);
  });

  it('wants UTF-8', () => {
    const latin = Buffer.from('[supervisord]\nidentifier=\xe9t\xe9\n', 'latin1');
    const { message, detail } = configError({ 'supervisord.conf': latin });
    expect(message).to.equal("'utf-8' codec can't decode byte 0xe9 in position 25: invalid continuation byte");
    expect(detail).to.match(/^DIR\/supervisord\.conf:2:/);
  });

  const notUtf8 = [
    ['\xff', 'byte 0xff in position 14: invalid start byte'],
    ['\xc3', 'byte 0xc3 in position 0: unexpected end of data'],
    ['\xe2\x82', 'bytes in position 0-1: unexpected end of data'],
    ['\xe2\x82a', 'bytes in position 14-15: invalid continuation byte'],
    ['\xed\xa0\x80', 'byte 0xed in position 14: invalid continuation byte'],
    ['\xf0\x9f\x98!', 'bytes in position 14-16: invalid continuation byte'],
  ] as const;
  for (const [written, problem] of notUtf8) {
    it(`says what Python says of ${JSON.stringify(written)}`, () => {
      const latin = Buffer.from(`[supervisord]\n${written}`, 'latin1');
      expect(configError({ 'supervisord.conf': latin }).message).to.equal(`'utf-8' codec can't decode ${problem}`);
    });
  }

  it('finds the same first error as supervisord among several', () => {
    expect(configError('nodaemon=x\nminfds=y\n[inet_http_server]\nport=z\n').message).to.match(/'y'$/);
  });

  it('includes files in the order of their patterns and names, the last value winning', () => {
    const { groups, messages, here } = makeConfig({
      'supervisord.conf': '[supervisord]\n[include]\nfiles=conf.d/*.conf none/*.conf\n[program:a]\ncommand=%(here)s\n',
      'conf.d/2.conf': '[program:b]\ncommand=%(here)s\n[include]\nfiles=../more.conf\n',
      'conf.d/10.conf': '[program:a]\nautostart=no\n',
      'conf.d/.hidden.conf': '[program:hidden]\n',
      'more.conf': '[program:more]\n',
    });
    expect(groups.map(({ name, processes }) => [name, processes[0]?.options.command])).to.deep.equal([
      ['a', here],
      ['b', `${here}/conf.d`],
    ]);
    expect(groups[0]?.processes[0]?.options.autostart).to.equal(false);
    expect(messages.map(({ level, text }) => `${level} ${withoutDirectory(text)}`)).to.deep.equal([
      'warn No file matches via include "DIR/none/*.conf"',
      'info Included extra file "DIR/conf.d/10.conf" during parsing',
      'info Included extra file "DIR/conf.d/2.conf" during parsing',
    ]);
  });

  it('wants files in [include]', () => {
    expect(configError('[include]\n').message).to.equal('.ini file has [include] section, but no files setting');
    expect(configError('[include]\nfiles=%(nope)s\n').message).to.match(
      /^Format string '%\(nope\)s' for 'include\.files' /,
    );
  });

  it('knows supervisord’s own RPC interface and no other', () => {
    const factory = 'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n';
    expect(makeConfig(`[rpcinterface:supervisor]\n${factory}`).rpcInterfaces).to.deep.equal(['supervisor']);
    expect(configError('[rpcinterface:x]\n').message).to.equal(
      'section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory',
    );
    expect(configError('[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\n').message).to.equal(
      'a:b cannot be resolved within [rpcinterface:x]',
    );
  });
});

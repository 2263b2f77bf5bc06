import { expect } from 'chai';
import { configError, makeConfig } from '../support/make-config.ts';

describe('servers', () => {
  it('makes TCP servers first, then unix sockets', () => {
    const { servers, serverUrl, here } = makeConfig(
      '[unix_http_server]\nfile=%(here)s/a/../x.sock\nchmod=0770\nchown=nobody:root\n[inet_http_server:one]\nport=*:9001\nusername=u\npassword=p\nget_actions=true\n[unix_http_server:two]\nfile=/y.sock\n',
    );
    expect(servers).to.deep.equal([
      {
        kind: 'inet',
        section: 'inet_http_server:one',
        host: '',
        port: 9001,
        username: 'u',
        password: 'p',
        getActions: true,
      },
      {
        kind: 'unix',
        section: 'unix_http_server',
        file: `${here}/x.sock`,
        chmod: 0o770,
        chown: { uid: 65534, gid: 0 },
        username: null,
        password: null,
        getActions: false,
      },
      {
        kind: 'unix',
        section: 'unix_http_server:two',
        file: '/y.sock',
        chmod: 0o700,
        chown: null,
        username: null,
        password: null,
        getActions: false,
      },
    ]);
    expect(serverUrl).to.equal(`unix://${here}/x.sock`);
  });

  it('tells children of a TCP server when there is no socket, and of nothing when there is none', () => {
    expect(makeConfig('[inet_http_server]\nport=9001\n').serverUrl).to.equal('http://localhost:9001');
    expect(makeConfig('[inet_http_server]\nport=10.0.0.1:9001\n').serverUrl).to.equal('http://10.0.0.1:9001');
    expect(makeConfig('[inet_http_server:a]\nport=1\n[inet_http_server:b]\nport=2\n').serverUrl).to.equal(
      'http://localhost:2',
    );
    expect(makeConfig('').serverUrl).to.equal(null);
  });

  const errors: readonly (readonly [string, string])[] = [
    ['[inet_http_server]', 'section [inet_http_server] has no port value'],
    ['[unix_http_server:x]', 'section [unix_http_server:x] has no file value'],
    ['[inet_http_server]\nport=0', "not a valid port number: '0' "],
    ['[unix_http_server]\nfile=x\nchmod=rw', 'Invalid chmod value rw'],
    ['[unix_http_server]\nfile=x\nchown=nosuch', 'Invalid sockchown value nosuch'],
    [
      '[unix_http_server]\nfile=x\nusername=u',
      'Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified',
    ],
  ];
  for (const [text, message] of errors)
    it(`says ${message}`, () => expect(configError(text).message).to.equal(message));

  it('never shows a password', () => {
    const { message, detail } = configError('[inet_http_server]\nport=1\nusername=u\npassword=hunter2%\n');
    expect(message).to.equal(
      "Format string '***' for 'inet_http_server.password' is badly formatted: incomplete format",
    );
    expect(detail).to.contain('[inet_http_server] password=***');
  });
});

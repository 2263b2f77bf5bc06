import { expect } from 'chai';
import type { FcgiSocket, UnixFcgiSocket } from '../../src/base/child-socket.ts';
import { configError, makeConfig } from '../support/make-config.ts';

const head = '[fcgi-program:php]\ncommand=php-cgi\n';

function socketOf(options: string, uid = 0): FcgiSocket | null | undefined {
  return makeConfig(`${head}${options}\n`, { uid }).groups[0]?.processes[0]?.socket;
}

describe('an [fcgi-program]', () => {
  it('is a group of its own, whose processes share one socket', () => {
    const [group] = makeConfig(
      `${head}socket=tcp://127.0.0.1:9000\nnumprocs=2\nprocess_name=p%(process_num)d\n`,
    ).groups;
    expect([group?.name, group?.kind, group?.processes.map(({ name }) => name)]).to.deep.equal([
      'php',
      'fcgi-program',
      ['p0', 'p1'],
    ]);
    expect(group?.processes[0]?.socket).to.be.an('object').and.equal(group?.processes[1]?.socket);
  });

  const sockets: readonly (readonly [string, FcgiSocket])[] = [
    [
      'socket=tcp://LocalHost:09000',
      { kind: 'tcp', url: 'tcp://localhost:9000', host: 'localhost', port: 9000, backlog: null },
    ],
    ['socket=unix:///run/%(program_name)s.sock', unix('/run/php.sock')],
    ['socket=unix:///run//x/../php.sock', unix('/run/php.sock')],
    ['socket=unix:///a\nsocket_mode=0770\nsocket_backlog=5', { ...unix('/a'), mode: 0o770, backlog: 5 }],
    ['socket=unix:///a\nsocket_owner=nobody', { ...unix('/a'), owner: { uid: 65534, gid: -1 } }],
    ['socket=unix:///a\nsocket_owner=nobody:root', { ...unix('/a'), owner: { uid: 65534, gid: 0 } }],
    ['socket=unix:///a\nuser=nobody', { ...unix('/a'), owner: { uid: 65534, gid: 65534 } }],
    ['socket=unix:///a\nuser=nobody\nsocket_owner=root', { ...unix('/a'), owner: { uid: 0, gid: -1 } }],
    ['socket=unix:///a\nuser=root', unix('/a')],
  ];
  for (const [options, socket] of sockets) {
    it(`reads ${options.replaceAll('\n', ', ')}`, () => expect(socketOf(options)).to.deep.equal(socket));
  }

  it('leaves the socket to the daemon where the program runs as the same user', () => {
    expect(socketOf('socket=unix:///a\nuser=nobody', 65534)).to.deep.equal(unix('/a'));
  });

  const errors: readonly (readonly [string, string])[] = [
    ['', '[fcgi-program:php] section requires a "socket" line'],
    ['socket=', '[fcgi-program:php] section requires a "socket" line'],
    ['socket=php.sock', "('Bad socket format %s', 'php.sock') in [fcgi-program:php] socket"],
    ['socket=tcp://:9000', "('Bad socket format %s', 'tcp://:9000') in [fcgi-program:php] socket"],
    ['socket=tcp://a:b', "('Bad socket format %s', 'tcp://a:b') in [fcgi-program:php] socket"],
    ['socket=tcp://a:0', '0 is below lower bound (1) in [fcgi-program:php] socket'],
    ['socket=tcp://a:99999', '99999 is above upper bound (65535) in [fcgi-program:php] socket'],
    [
      'socket=unix://php.sock',
      "('Unix socket path %s is not an absolute path', 'php.sock') in [fcgi-program:php] socket",
    ],
    ['socket=unix:///a\nsocket_owner=who', 'Invalid socket_owner value who'],
    ['socket=unix:///a\nsocket_mode=rw', 'Invalid socket_mode value rw'],
    ['socket=unix:///a\nsocket_backlog=0', 'Invalid socket_backlog value 0'],
    ['socket=unix:///a\nsocket_backlog=65536', 'Invalid socket_backlog value 65536'],
    ['socket=unix:///a\nsocket_backlog=many', "invalid literal for int() with base 10: 'many'"],
    [
      'socket=tcp://a:1\nsocket_mode=0700',
      'socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:php] socket',
    ],
    ['socket=unix:///a\nuser=who', 'Invalid user name who'],
    ['socket=unix:///a\npriority=high', "invalid literal for int() with base 10: 'high'"],
  ];
  for (const [options, message] of errors) {
    it(`refuses ${options.replaceAll('\n', ', ') || 'no socket'}, without naming a file`, () => {
      const error = configError(`${head}${options}\n`);
      expect(error.message).to.equal(message);
      expect(error.detail).to.match(/^DIR\/supervisord\.conf:\d+: \[fcgi-program:php\] \w+.*; accepted: /);
    });
  }

  it('names no process in its socket', () => {
    const { message } = configError(`${head}socket=unix:///run/%(process_num)d\n`);
    expect(message).to.match(/^Format string .* for 'fcgi-program:php\.socket' contains names \('process_num'\)/);
    expect(message).to.match(/Available names: .*here, program_name$/);
  });

  it('says in which section and file an option of any program is wrong', () => {
    const { message } = configError(`${head}socket=unix:///a\nstartsecs=soon\n`);
    expect(message).to.match(/^invalid literal .* in section 'fcgi-program:php' \(file: 'DIR/);
  });

  it('is read after all programs, whose errors come first', () => {
    const { message } = configError(`${head}[program:a]\ncommand=x\nstartsecs=soon\n`);
    expect(message).to.match(/in section 'program:a'/);
  });
});

describe('an [fcgi-program] in a [group]', () => {
  it('keeps its socket there, beside programs that have none', () => {
    const text = `${head}socket=unix:///a\n[program:x]\ncommand=x\n[group:g]\nprograms=x,php\n`;
    const { groups } = makeConfig(text);
    expect(groups.map(({ name, kind }) => [name, kind])).to.deep.equal([['g', 'group']]);
    expect(groups[0]?.processes.map(({ socket }) => socket?.url ?? null)).to.deep.equal([null, 'unix:///a']);
  });

  it('may lack a socket, as supervisord looks for none there', () => {
    const { groups } = makeConfig(`${head}[group:g]\nprograms=php\n`);
    expect(groups[0]?.processes[0]?.socket).to.equal(null);
  });
});

function unix(path: string): UnixFcgiSocket {
  return { kind: 'unix', url: `unix://${path}`, path, mode: 0o700, owner: null, backlog: null };
}

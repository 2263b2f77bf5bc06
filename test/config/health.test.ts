import { expect } from 'chai';
import { healthCheck } from '../../src/config/health.ts';
import { BadValue } from '../../src/config/values.ts';
import { configError, fakeValueContext, makeConfig } from '../support/make-config.ts';

const read = (text: string): unknown => healthCheck.read(text, fakeValueContext());

const http = {
  kind: 'http',
  host: '127.0.0.1',
  port: 8000,
  hostHeader: '127.0.0.1:8000',
  path: '/',
  authorization: null,
};

describe('health', () => {
  const good: readonly (readonly [string, object])[] = [
    ['http://127.0.0.1:8000', http],
    ['http://127.0.0.1:8000/healthz?deep=1#part', { ...http, path: '/healthz?deep=1' }],
    ['http://127.0.0.1:8000?deep=1', { ...http, path: '/?deep=1' }],
    ['HTTP://LOCALHOST/x', { ...http, host: 'localhost', port: 80, hostHeader: 'localhost', path: '/x' }],
    ['http://[::1]:81/', { ...http, host: '::1', port: 81, hostHeader: '[::1]:81' }],
    [
      'http://me:p%40ss@127.0.0.1:8000/',
      { ...http, authorization: 'Basic bWU6cEBzcw==', shown: 'http://***@127.0.0.1:8000/' },
    ],
    ['tcp://localhost:6379', { kind: 'tcp', host: 'localhost', port: 6379 }],
    ['tcp://[::1]:6379', { kind: 'tcp', host: '::1', port: 6379 }],
    ['exec:pg_isready -q -h "/run/db"', { kind: 'exec', command: 'pg_isready -q -h "/run/db"' }],
    ['exec: /bin/true ', { kind: 'exec', command: '/bin/true' }],
  ];
  for (const [text, check] of good) {
    it(`reads ${text}`, () => expect(read(text)).to.deep.equal({ shown: text, ...check }));
  }

  const bad: readonly (readonly [string, string])[] = [
    ['', "not a valid health check: ''"],
    ['/healthz', "not a valid health check: '/healthz'"],
    ['ftp://127.0.0.1/', "not a valid health check: 'ftp://127.0.0.1/'"],
    ['http:/127.0.0.1/', "not a valid health check: 'http:/127.0.0.1/'"],
    ['http:///healthz', "not a valid health check: 'http:///healthz'"],
    ['http://127.0.0.1:99999/', "not a valid health check: 'http://127.0.0.1:99999/'"],
    ['http://127.0.0.1:0/', "not a valid health check: 'http://127.0.0.1:0/'"],
    ['http://127.0.0.1/a b', "not a valid health check: 'http://127.0.0.1/a b'"],
    ['http://u:secret@[::1/', "not a valid health check: 'http://***@[::1/'"],
    ['http://u:se/cret@h/', "not a valid health check: 'http://***@h/'"],
    ['htp:u:secret@h', "not a valid health check: 'htp:***@h'"],
    ['http://u:%zz@h/', "not a valid health check: 'http://***@h/' (a percent sign in its user or password is %25)"],
    [
      'https://u:secret@h/',
      "health can not be asked over https: 'https://***@h/' (ask over http on loopback, or tcp:// or exec:)",
    ],
    ['tcp://127.0.0.1', "not a valid health check: 'tcp://127.0.0.1'"],
    ['tcp:127.0.0.1:80', "not a valid health check: 'tcp:127.0.0.1:80'"],
    ['tcp://unix:/run/x', "not a valid health check: 'tcp://unix:/run/x'"],
    ['exec: ', "not a valid health check: 'exec: '"],
  ];
  for (const [text, message] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      expect(() => read(text))
        .to.throw(BadValue)
        .with.property('message', message));
  }

  it('may name the process, on every kind of program', () => {
    const listener = 'events=TICK_60\nhealth=exec:/bin/true';
    const { groups } = makeConfig(
      '[program:web]\ncommand=x\nnumprocs=2\nnumprocs_start=8000\nprocess_name=web-%(process_num)d\n' +
        'health=http://127.0.0.1:%(process_num)d/\nmemory_limit=300MB\nhealth_interval=0.5\nhealth_timeout=0.5\n' +
        `[eventlistener:lst]\ncommand=x\n${listener}\n[fcgi-program:php]\ncommand=x\nsocket=tcp://127.0.0.1:9\nhealth=tcp://127.0.0.1:9`,
    );
    const all = groups.flatMap(({ processes }) => processes.map(({ options }) => options));
    expect(all.map(({ health }) => health?.shown)).to.have.members([
      'exec:/bin/true',
      'http://127.0.0.1:8000/',
      'http://127.0.0.1:8001/',
      'tcp://127.0.0.1:9',
    ]);
    expect(all.find(({ memory_limit }) => memory_limit !== null)?.memory_limit).to.equal(300 * 1024 ** 2);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    [
      'health_interval=1',
      'health_timeout 2 is above health_interval 1',
      'DIR/supervisord.conf:4: [program:web] health_interval=1; accepted: 2 seconds or more, or a shorter health_timeout',
    ],
    [
      'health_timeout=10.5',
      'health_timeout 10.5 is above health_interval 10',
      'DIR/supervisord.conf:4: [program:web] health_timeout=10.5; accepted: up to 10 seconds, or a longer health_interval',
    ],
    [
      'health_interval=0',
      "not a valid number of seconds: '0'",
      'DIR/supervisord.conf:4: [program:web] health_interval=0; accepted: seconds above 0, such as 5 or 0.5',
    ],
    [
      'health_retries=0',
      '0 is below lower bound (1)',
      'DIR/supervisord.conf:4: [program:web] health_retries=0; accepted: a whole number from 1',
    ],
    [
      'memory_limit=0',
      '0 is below lower bound (1)',
      'DIR/supervisord.conf:4: [program:web] memory_limit=0; accepted: a number of bytes above 0, or with KB, MB or GB',
    ],
    [
      'health=https://u:secret@h/',
      "health can not be asked over https: 'https://***@h/' (ask over http on loopback, or tcp:// or exec:)",
      'DIR/supervisord.conf:4: [program:web] health=https://***@h/; accepted: http://host:port/path, tcp://host:port or exec:command',
    ],
  ];
  for (const [text, message, detail] of wrong) {
    it(`says what is wrong with ${text}, and where`, () => {
      const error = configError(`[program:web]\ncommand=x\n${text}`);
      expect(error.message).to.equal(`${message} in section 'program:web' (file: 'DIR/supervisord.conf')`);
      expect(error.detail).to.equal(detail);
    });
  }
});

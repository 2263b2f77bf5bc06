// Requests that nobody should send, byte by byte: each gets its status, over the socket and over TCP with a password, and
// the daemon's children do not notice.
import { expect } from 'chai';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import { type Address, ask } from '../support/rpc.ts';
import { Abused } from '../support/under-abuse.ts';

const body = '<methodCall><methodName>supervisor.getState</methodName></methodCall>';
const post = (...headers: readonly string[]): string => ['POST /RPC2 HTTP/1.1', ...headers, '', ''].join('\r\n');
const get = (target: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, ...headers, '', ''].join('\r\n');
const length = `Content-Length: ${body.length}`;

interface Odd {
  readonly what: string;
  readonly bytes: string | Buffer;
  readonly status: number;
}

const clientHello = Buffer.from('16030100c8010000c40303', 'hex');

const oddities: readonly Odd[] = [
  { what: 'no HTTP at all', bytes: 'hello\r\n\r\n', status: 400 },
  { what: 'the first bytes of TLS', bytes: Buffer.concat([clientHello, Buffer.alloc(190, 0xff)]), status: 400 },
  { what: 'the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400 },
  { what: 'a version that does not exist', bytes: 'GET / HTTP/9.9\r\n\r\n', status: 400 },
  { what: 'lines that end in LF alone', bytes: 'GET /nope HTTP/1.1\n\n', status: 400 },
  { what: 'a header without a colon', bytes: get('/nope', 'no colon'), status: 400 },
  { what: 'a blank before a colon', bytes: get('/nope', 'A : b'), status: 400 },
  { what: 'a folded header', bytes: get('/nope', 'A: b', ' c'), status: 400 },
  { what: 'a NUL byte in a header', bytes: get('/nope', 'A: \0'), status: 400 },
  { what: 'a head of 100 KB', bytes: get('/nope', `A: ${'a'.repeat(100_000)}`), status: 431 },
  { what: 'a head of 1 MB', bytes: get('/nope', `A: ${'a'.repeat(1_000_000)}`), status: 431 },
  {
    what: '10000 headers',
    bytes: get('/nope', ...Array.from({ length: 10_000 }, (_, index) => `A${index}: b`)),
    status: 431,
  },
  { what: 'an address of 100 KB', bytes: get(`/${'a'.repeat(100_000)}`), status: 431 },
  { what: 'both a length and chunks', bytes: `${post(length, 'Transfer-Encoding: chunked')}0\r\n\r\n`, status: 400 },
  { what: 'two different lengths', bytes: `${post(length, 'Content-Length: 1')}${body}`, status: 400 },
  { what: 'a length with a sign', bytes: `${post('Content-Length: +5')}hello`, status: 400 },
  { what: 'a negative length', bytes: `${post('Content-Length: -5')}hello`, status: 400 },
  { what: 'a length that is not a number', bytes: `${post('Content-Length: many')}hello`, status: 400 },
  { what: 'a coding that hides another', bytes: `${post('Transfer-Encoding: chunked, x')}0\r\n\r\n`, status: 400 },
  { what: 'CONNECT', bytes: 'CONNECT example.org:80 HTTP/1.1\r\n\r\n', status: 400 },
  { what: 'a method that does not exist', bytes: 'BREW / HTTP/1.1\r\n\r\n', status: 400 },
];

/** Those behind the password: what is answered without one, and with one. */
const guarded: readonly (Odd & { readonly known: number })[] = [
  { what: 'GET /RPC2', bytes: get('/RPC2'), status: 401, known: 400 },
  { what: 'PUT /RPC2', bytes: `PUT /RPC2 HTTP/1.1\r\n${length}\r\n\r\n${body}`, status: 401, known: 400 },
  { what: 'OPTIONS *', bytes: 'OPTIONS * HTTP/1.1\r\n\r\n', status: 401, known: 400 },
  { what: 'no length', bytes: post(), status: 401, known: 411 },
  {
    what: 'chunks',
    bytes: `${post('Transfer-Encoding: chunked')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    status: 401,
    known: 411,
  },
  { what: 'a length of a gigabyte', bytes: post('Content-Length: 1000000000'), status: 401, known: 413 },
  { what: 'a length beyond all numbers', bytes: post(`Content-Length: ${'9'.repeat(18)}`), status: 401, known: 413 },
  { what: 'a length that is too short', bytes: `${post('Content-Length: 10')}${body}`, status: 401, known: 400 },
  { what: 'a whole address', bytes: get('http://example.org/RPC2'), status: 401, known: 404 },
  { what: 'two slashes', bytes: get('//RPC2'), status: 401, known: 404 },
  { what: 'a way up', bytes: get('/../../../../etc/passwd'), status: 401, known: 404 },
  { what: 'a way up in disguise', bytes: get('/images/%2e%2e/%2e%2e/%2e%2e/etc/passwd'), status: 401, known: 404 },
  { what: 'a NUL byte in disguise', bytes: get('/stylesheets/supervisor.css%00'), status: 401, known: 404 },
  { what: 'percent signs that mean nothing', bytes: get('/%zz%'), status: 401, known: 404 },
  { what: 'a log of somewhere else', bytes: get('/logtail/..%2f..%2fetc%2fpasswd'), status: 401, known: 404 },
  { what: 'a log by a property', bytes: get('/logtail/worker/constructor'), status: 401, known: 404 },
  {
    what: 'a wish for a WebSocket',
    bytes: get('/nope', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'),
    status: 401,
    known: 404,
  },
  {
    what: 'a cross-site page',
    bytes: `${post(length, 'Origin: http://evil.example')}${body}`,
    status: 401,
    known: 403,
  },
];

const malformedLogins: readonly (readonly [what: string, header: string, status: number])[] = [
  ['nothing', '', 401],
  ['a scheme alone', 'Basic', 401],
  ['no base64', 'Basic !!!!', 401],
  ['what is not UTF-8', `Basic ${Buffer.from([0xff, 0xfe]).toString('base64')}`, 400],
  ['no colon', `Basic ${Buffer.from('usersecret').toString('base64')}`, 401],
  ['another scheme', `Bearer ${Buffer.from('user:secret').toString('base64')}`, 401],
  ['a password and more', `Basic ${Buffer.from('user:secretly').toString('base64')}`, 401],
  ['a password and a NUL byte', `Basic ${Buffer.from('user:secret\0').toString('base64')}`, 401],
  ['10 KB of password', `Basic ${Buffer.from(`user:${'s'.repeat(9000)}`).toString('base64')}`, 401],
];

/** A call with this password. */
const request = (password: string): string =>
  `POST /RPC2 HTTP/1.1\r\nAuthorization: Basic ${Buffer.from(`user:${password}`).toString('base64')}\r\n${length}\r\n\r\n${body}`;

describeWith(['koffi'], 'requests that nobody should send', () => {
  let abused: Abused;
  let inet: Address;
  const login = `Authorization: Basic ${Buffer.from('user:secret').toString('base64')}`;

  before(async () => {
    const [port = 0] = await freePorts(1);
    inet = { host: '127.0.0.1', port };
    abused = await Abused.start({
      config: `[inet_http_server]\nport=127.0.0.1:${port}\nusername=user\npassword=secret\n`,
    });
  });

  after(() => abused.stop());

  afterEach(async () => {
    abused.closeAll();
    await abused.expectUnharmed();
  });

  for (const { what, bytes, status } of oddities) {
    it(`answers ${status} to ${what}, and closes`, async () => {
      for (const address of [abused.daemon.address, inet]) {
        const raw = abused.open(bytes, address);
        expect(await raw.status()).to.equal(status);
        await raw.over();
      }
    });
  }

  for (const { what, bytes, status, known } of guarded) {
    it(`answers ${known} to ${what}, and ${status} to whoever has no password`, async () => {
      expect(await abused.open(bytes, inet).status()).to.equal(status);
      const text = bytes.toString();
      const end = text.indexOf('\r\n') + 2;
      const withLogin = `${text.slice(0, end)}${login}\r\n${text.slice(end)}`;
      expect(await abused.open(withLogin, inet).status()).to.equal(known);
      expect(await abused.open(bytes).status()).to.equal(known);
    });
  }

  for (const [what, header, status] of malformedLogins) {
    it(`answers ${status} to ${what} in place of a login`, async () => {
      const headers = { Authorization: header };
      const answer = await ask(inet, { method: 'POST', path: '/RPC2', body: Buffer.from(body), headers });
      expect(answer.status).to.equal(status);
      expect(answer.headers['www-authenticate']).to.equal(status === 401 ? 'Basic realm="default"' : undefined);
    });
  }

  it('takes the second request of two for what it is, not for the body of the first', async () => {
    const raw = abused.open(`${post(length)}${body}${get('/nope')}`);
    await raw.until(() => raw.received.includes('</methodResponse>') && raw.received.includes('404 Not Found'));
    expect(raw.received.match(/^HTTP\/1\.1 /gm)).to.have.length(2);
  });

  it('answers hundreds of requests that are sent at once, in their order', async () => {
    const raw = abused.open([get('/nope'), get('/livez'), get('/RPC2')].join('').repeat(150));
    await raw.until(() => (raw.received.match(/^HTTP\/1\.1 /gm) ?? []).length === 450);
    const statuses = [...raw.received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
    expect(statuses).to.deep.equal(Array.from({ length: 150 }, () => ['404', '200', '400']).flat());
  });

  it('lets a client go that sends thousands of requests at once, and forgets them', async () => {
    const effects = await abused.during(async () => {
      const raw = abused.open(get('/nope').repeat(100_000));
      await raw.over();
    });
    expect(effects.failures).to.deep.equal([]);
    expect(effects.grownMegabytes).to.be.below(100);
  });

  it('slows those who guess passwords, says so, and never makes those wait who know it', async () => {
    expect(await abused.open(request('secret'), inet).status()).to.equal(200);
    const effects = await abused.during(async () => {
      for (let round = 0; round < 3; round += 1) {
        const began = performance.now();
        const tries = Array.from({ length: 200 }, () => abused.open(request('wrong'), inet));
        // Who has logged in before from the same address is answered at once; how late that is depends on the machine.
        expect(await abused.open(request('secret'), inet).status()).to.equal(200);
        const statuses = await Promise.all(tries.map((each) => each.status()));
        expect(new Set(statuses)).to.deep.equal(new Set([401]));
        if (round > 0) expect(performance.now() - began).to.be.at.least(1900);
        abused.closeAll();
      }
    });
    expect(effects.failures).to.deep.equal([]);
    expect(effects.answers).to.be.at.least(1);
    expect(effects.grownMegabytes).to.be.below(100);
    await abused.daemon.waitForMessage(/^WARN \[inet_http_server\] wrong user name or password: 127\.0\.0\.1$/);
  }).timeout(60_000);
});

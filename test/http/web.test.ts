import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { HttpDeps } from '../../src/http/deps.ts';
import { openServers, type OpenServers } from '../../src/http/server.ts';
import { fakeGroup, fakeProcess, fakeSupervisor } from '../rpc/fakes.ts';
import { fakeMetrics } from '../support/fake-metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ask, type HttpAnswer } from '../support/rpc.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const noop = (): void => undefined;
const messageOf = ({ body }: HttpAnswer): string =>
  /id="message"[^>]*>([^<]*)</.exec(body.toString())?.[1] ?? 'no message at all';
const tokenOf = ({ body }: HttpAnswer): string => /name="token" value="([^"]+)"/.exec(body.toString())?.[1] ?? '';

describe('the web page over HTTP', () => {
  const path = useTempFolder();
  let servers: OpenServers;
  let calls: string[];

  async function open(getActions: boolean): Promise<void> {
    calls = [];
    mkdirSync(path('pages'), { recursive: true });
    writeFileSync(path('pages/page.css'), 'body {}');
    utimesSync(path('pages/page.css'), 1_700_000_000, 1_700_000_000.5);
    const process = fakeProcess({ stdoutLog: path('log'), wireState: 'RUNNING' });
    const rpc: HttpDeps['rpc'] = {
      interfaces: [],
      call({ method, params }) {
        calls.push(`${method}(${params.map((param) => JSON.stringify(param)).join()})`);
        return Promise.resolve(true);
      },
    };
    const deps: HttpDeps = {
      rpc,
      pageRpc: rpc,
      pageFiles: path('pages'),
      supervisor: fakeSupervisor([fakeGroup(process)]),
      unready: () => [],
      metrics: fakeMetrics(),
      mainLog: { path: null },
      logger: { crit: noop, error: noop, info: noop, warn: noop, trace: noop, isEnabled: () => false },
      clock: new FakeClock(),
      pid: 1,
      ownName: 'this-machine',
      peerOf: null,
      userName: () => null,
      stderr: noop,
    };
    const common = { section: 'unix_http_server:x', username: null, password: null, getActions };
    servers = await openServers([{ kind: 'unix', file: path('s'), chmod: 0o700, chown: null, ...common }], deps);
  }

  const get = (target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<HttpAnswer> =>
    ask({ socketPath: path('s') }, { path: target, headers, method });
  const post = (target: string, body: string, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
    ask({ socketPath: path('s') }, { path: target, method: 'POST', body: Buffer.from(body), headers });
  const textOf = async (target: string): Promise<string> =>
    /<pre class="log">\n([^]*?)<\/pre>/.exec((await get(target)).body.toString())?.[1] ?? '';
  const since = (date: string): Promise<HttpAnswer> =>
    get('/stylesheets/supervisor.css', { 'If-Modified-Since': date });

  afterEach(() => servers.close());

  describe('by default', () => {
    beforeEach(() => open(false));

    it('is a page that is not cached, not framed, and runs nothing but its own files', async () => {
      for (const target of ['/', '/index.html', '//index.html', '/tail.html']) {
        const { status, headers } = await get(target);
        expect(status, target).to.equal(200);
        expect(headers).to.include({
          'content-type': 'text/html;charset=utf-8',
          pragma: 'no-cache',
          'cache-control': 'no-cache',
          expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
          'x-frame-options': 'DENY',
          'x-content-type-options': 'nosniff',
        });
        expect(headers['content-security-policy']).to.match(/^default-src 'none'; .*frame-ancestors 'none'$/);
        expect(headers['content-security-policy']).not.to.contain('unsafe');
      }
    });

    it('answers HEAD with the headers of GET, and other methods with 400', async () => {
      const { status, headers, body } = await get('/?action=stopall', {}, 'HEAD');
      expect([status, headers['content-type'], body.length]).to.deep.equal([200, 'text/html;charset=utf-8', 0]);
      for (const target of ['/', '/index.html', '/tail.html', '/ok.html', '/stylesheets/supervisor.css']) {
        expect((await get(target, {}, 'PUT')).status, target).to.equal(400);
      }
      expect(calls).to.deep.equal([]);
    });

    it('acts on its own button and goes back with the message', async () => {
      const token = tokenOf(await get('/'));
      const { status, headers } = await post('/index.html?processname=p', `token=${token}&action=stop`);
      expect([status, headers.location]).to.deep.equal([303, './?message=Process%20p%20stopped']);
      expect(headers['cache-control']).to.equal('no-cache');
      expect(calls).to.deep.equal(['supervisor.stopProcess("p")']);
    });

    it('goes back to where it was, whatever the request calls the host', async () => {
      const { headers } = await get('/?action=refresh', { Host: 'evil.example' });
      expect(headers.location).to.match(/^\.\/\?message=Page%20refreshed%20at%20/);
    });

    it('does nothing for a link, and says how it would', async () => {
      const answer = await get('/index.html?processname=p&action=stop');
      expect([answer.status, answer.headers.allow]).to.deep.equal([405, 'POST']);
      expect(messageOf(answer)).to.equal(
        'Nothing was done: only the buttons of this page act. For links and scripts as under supervisord, set get_actions=true in [unix_http_server:x].',
      );
      expect(calls).to.deep.equal([]);
    });

    const refused: readonly (readonly [string, string, Record<string, string>, RegExp])[] = [
      ['without the token', 'action=stopall', {}, /only the buttons of this page act/],
      ['with the token of another daemon', 'action=stopall&token=x', {}, /older than the daemon/],
      ['from a page of another site', 'action=stopall&token=TOKEN', { Origin: 'http://evil.example' }, /another site/],
      [
        'from another port of this host',
        'action=stopall&token=TOKEN',
        { 'Sec-Fetch-Site': 'same-site' },
        /another site/,
      ],
    ];
    for (const [what, body, headers, message] of refused) {
      it(`does nothing for a form ${what}`, async () => {
        const answer = await post('/', body.replace('TOKEN', tokenOf(await get('/'))), headers);
        expect(answer.status).to.equal(403);
        expect(messageOf(answer)).to.match(message);
        expect(calls).to.deep.equal([]);
      });
    }

    it('answers a form that asks for nothing with the page', async () => {
      expect((await post('/', '')).status).to.equal(200);
      expect((await post('/', 'processname=p')).status).to.equal(200);
    });

    it('wants to know how long a form is', async () => {
      const chunked = { 'Transfer-Encoding': 'chunked' };
      expect((await get('/', chunked, 'POST')).status).to.equal(411);
      expect((await post('/ok.html', 'x')).body.toString()).to.equal('OK');
    });

    it('says 400 for an action that there is not', async () => {
      const answer = await post('/', `action=bogus&token=${tokenOf(await get('/'))}`);
      expect([answer.status, messageOf(answer)]).to.deep.equal([400, 'Nothing was done: unknown action bogus']);
    });

    it('shows a message without believing it', async () => {
      expect(messageOf(await get('/?message=%3Cb%3E'))).to.equal('&lt;b&gt;');
    });
  });

  describe('with get_actions=true', () => {
    beforeEach(() => open(true));

    it('acts on links and forms as supervisord does, and answers 301', async () => {
      const link = await get('/index.html?processname=p&action=stop');
      expect([link.status, link.headers.location]).to.deep.equal([301, './?message=Process%20p%20stopped']);
      expect((await post('/index.html', 'processname=p&action=start')).status).to.equal(301);
      expect(calls).to.deep.equal(['supervisor.stopProcess("p")', 'supervisor.startProcess("p")']);
    });

    it('still does nothing for another site, where the browser tells', async () => {
      const site = { 'Sec-Fetch-Site': 'cross-site' };
      expect((await get('/?action=stopall', site)).status).to.equal(403);
      expect((await post('/', 'action=stopall', site)).status).to.equal(403);
      expect(calls).to.deep.equal([]);
    });
  });

  describe('showing the end of a log', () => {
    beforeEach(() => open(false));

    it('shows at least 1024 bytes, more on request', async () => {
      writeFileSync(path('log'), `${'x'.repeat(3000)}end`);
      expect(await textOf('/tail.html?processname=p')).to.equal(`${'x'.repeat(1021)}end`);
      expect(await textOf('/tail.html?processname=p&limit=7')).to.have.length(1024);
      expect(await textOf('/tail.html?processname=p&limit=2000')).to.have.length(2000);
      expect(await textOf('/tail.html?processname=p&limit=99999999999999999999')).to.have.length(3003);
      expect(await textOf('/tail.html?processname=p&limit=-5000')).to.have.length(1024);
    });

    it('shows what is no text as well as it can, and no half characters', async () => {
      writeFileSync(path('log'), Buffer.concat([Buffer.from('é'.repeat(513)), Buffer.from([0xff, 0x0a])]));
      expect(await textOf('/tail.html?processname=p')).to.equal(`${'é'.repeat(511)}\ufffd\n`);
    });

    it('says in supervisord’s words why there is none', async () => {
      expect(await textOf('/tail.html?processname=p')).to.equal('No file for p');
      expect(await textOf('/tail.html?processname=no')).to.equal('ERROR: unexpected rpc fault [10] BAD_NAME: no');
      expect(await textOf('/tail.html?processname=p:*')).to.equal('ERROR: unexpected rpc fault [10] BAD_NAME: p:*');
      expect(await textOf('/tail.html')).to.equal('No process name found');
      expect(await textOf('/tail.html?processname=')).to.equal('No process name found');
    });
  });

  describe('its files', () => {
    beforeEach(() => open(false));

    it('come with their type and their date', async () => {
      const { status, headers, body } = await get('/stylesheets/supervisor.css?1');
      expect([status, body.toString()]).to.deep.equal([200, 'body {}']);
      expect(headers).to.include({ 'content-type': 'text/css', 'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT' });
    });

    it('are not sent again to who has them', async () => {
      expect(await since('Tue, 14 Nov 2023 22:13:20 GMT')).to.deep.include({ status: 304, body: Buffer.alloc(0) });
      expect((await since('Tue, 14 Nov 2023 22:13:19 GMT')).status).to.equal(200);
      expect((await since('yesterday')).status).to.equal(200);
    });

    const absent = [
      '/stylesheets/',
      '/stylesheets/page.css',
      '/images/../log',
      '/images/%2e%2e%2flog',
      '/images/..%2f..%2flog',
      '/scripts/constructor',
      '/images/icon.png',
    ];
    for (const target of absent)
      it(`do not include ${target}`, async () => expect((await get(target)).status).to.equal(404));
  });
});

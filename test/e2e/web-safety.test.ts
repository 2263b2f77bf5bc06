// What other people's pages and programs can do to the web page: pages of another site that the operator visits, and programs
// whose names and logs are HTML. There is no password, which a browser that knows it would send along for a stranger too.
import { createServer } from 'node:http';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser, type TestPage } from '../support/browser.ts';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import { ask } from '../support/rpc.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A name can have neither blanks nor slashes. */
const evilName = '<img\tsrc=x\tonerror=alert(1)>"><svg\tonload=alert(2)>';
const evilLog = '</pre><script>alert(3)</script><img src=x onerror=alert(4)>';

const form = (site: string): string =>
  `<form action="${site}/index.html" method="post"><input name="processname" value="p"><input name="action" value="stop">` +
  '<button>Win a prize</button></form>';

describeWith(['chromium', 'koffi'], 'the web page and strangers', function () {
  this.timeout(180_000);
  let browser: TestBrowser;
  let daemon: Daemon;
  let opened: TestPage;
  let ports: readonly number[];
  /** By default, and with get_actions=true. */
  let sites: readonly [string, string];
  /** A stranger's page: under another name, so another site, and under the same name on another port. */
  let strangers: readonly string[];
  let strangersPage = '';
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html;charset=utf-8').end(strangersPage);
  });

  before(async () => {
    ports = await freePorts(3);
    sites = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
    [browser, daemon] = await Promise.all([
      startBrowser(),
      startDaemon('native', {
        config: `
[inet_http_server]
port=127.0.0.1:${ports[0]}
[inet_http_server:open]
port=127.0.0.1:${ports[1]}
get_actions=true
[program:p]
command=${child('stays.sh')}
startsecs=0
[program:evil]
command=${child('writes-lines.sh')} 1 "${evilLog}"
process_name=${evilName}
startsecs=0
stdout_logfile=%(here)s/evil.out
`,
      }),
      new Promise<void>((resolve) => server.listen(ports[2], '127.0.0.1', resolve)),
    ]);
    strangers = [`http://localhost:${ports[2]}/`, `http://127.0.0.1:${ports[2]}/`];
    await daemon.waitForState('p', 'RUNNING');
  });

  after(async () => {
    server.close();
    await browser.close();
    server.closeAllConnections();
    await daemon.stop();
  });

  afterEach(() => opened.close());

  /** Somebody who has used the page, and then goes to a stranger's. */
  async function visit(stranger: string, content: string): Promise<Page> {
    opened = await browser.open();
    for (const site of sites) await opened.page.goto(site);
    strangersPage = `<!doctype html><title>stranger</title>${content}`;
    await opened.page.goto(stranger);
    return opened.page;
  }

  const isRunning = async (): Promise<boolean> => (await daemon.info('p')).statename === 'RUNNING';
  for (const which of [0, 1] as const) {
    const guard = which === 0 ? 'by default' : 'even with get_actions=true';
    for (const from of [0, 1] as const) {
      const where = from === 0 ? 'another site' : 'another port of the same host';

      it(`does nothing for a form of ${where}, ${guard}`, async () => {
        const page = await visit(strangers[from] ?? '', form(sites[which]));
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url().startsWith(sites[which])),
          page.getByRole('button').click(),
        ]);
        expect(answer.status()).to.equal(403);
        await page.getByText('Nothing was done: the request was made by a page of another site.').waitFor();
        expect(await isRunning()).to.equal(true);
      });

      it(`does nothing for a link of ${where}, ${guard}`, async () => {
        const link = `<a href="${sites[which]}/index.html?processname=p&action=stop">Win a prize</a>`;
        const page = await visit(strangers[from] ?? '', link);
        await page.getByRole('link').click();
        await page.getByText('Nothing was done: the request was made by a page of another site.').waitFor();
        expect(await isRunning()).to.equal(true);
      });

      it(`does nothing for a script or a picture of ${where}, which cannot read the token either, ${guard}`, async () => {
        const page = await visit(strangers[from] ?? '', `<img src="${sites[which]}/?action=stopall">`);
        const outcome = await page.evaluate<string[]>(`(async () => {
          const site = '${sites[which]}';
          const options = { credentials: 'include' };
          const read = fetch(site + '/', options).then((answer) => answer.text()).catch(() => 'unreadable');
          const body = new URLSearchParams({ processname: 'p', action: 'stop' });
          const sent = fetch(site + '/index.html', { ...options, method: 'POST', mode: 'no-cors', body });
          const call = '<methodCall><methodName>supervisor.stopAllProcesses</methodName></methodCall>';
          const called = fetch(site + '/RPC2', { ...options, method: 'POST', mode: 'no-cors', body: call });
          return [await read, (await sent).type, (await called).type];
        })()`);
        expect(outcome).to.deep.equal(['unreadable', 'opaque', 'opaque']);
        expect(await isRunning()).to.equal(true);
      });
    }
  }

  it('is shown in no frame of another site, so nobody clicks it unawares', async () => {
    const page = await visit(strangers[0] ?? '', `<iframe src="${sites[0]}/"></iframe>`);
    await waitUntil(() => opened.complaints.some((text) => text.includes('frame-ancestors')), {
      what: 'the browser refusing the frame',
    });
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    expect(await frame?.getByRole('button').count()).to.equal(0);
  });

  it('acts on what its reader typed, with get_actions=true, and on the scripts of supervisord’s users', async () => {
    opened = await browser.open();
    await opened.page.goto(`${sites[1]}/index.html?processname=p&action=stop`);
    await opened.page.getByText('Process p stopped').waitFor();
    expect(await isRunning()).to.equal(false);
    const started = await ask(
      { host: '127.0.0.1', port: ports[1] ?? 0 },
      {
        method: 'POST',
        path: '/index.html',
        body: Buffer.from('processname=p&action=start'),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      },
    );
    expect([started.status, started.headers.location]).to.deep.equal([301, './?message=Process%20p%20started']);
    expect(await isRunning()).to.equal(true);
  });

  it('says to who typed such a link what to do, by default', async () => {
    opened = await browser.open();
    const answer = await opened.page.goto(`${sites[0]}/index.html?processname=p&action=stop`);
    expect(answer?.status()).to.equal(405);
    await opened.page.getByText('set get_actions=true in [inet_http_server].').waitFor();
    expect(await isRunning()).to.equal(true);
  });

  it('shows names, logs and messages as the texts that they are', async () => {
    await waitUntil(() => daemon.read('evil.out').includes(evilLog), { what: 'the log' });
    opened = await browser.open();
    const { page } = opened;
    await page.goto(`${sites[0]}/?message=${encodeURIComponent(evilLog)}`);
    expect(await page.getByRole('status').textContent()).to.equal(evilLog);
    const link = page.getByRole('rowheader').filter({ hasText: 'onerror' }).getByRole('link');
    expect(await link.textContent()).to.equal(`evil:${evilName}`);
    const stop = page.getByRole('row').filter({ has: link }).getByRole('button', { name: /^Stop/ });
    await stop.click();
    await waitUntil(async () => (await page.getByRole('status').textContent()) === `Process evil:${evilName} stopped`, {
      what: 'the message',
    });
    await link.click();
    await page.getByText('</pre><script>').waitFor();
    expect(await page.locator('pre').textContent()).to.equal(`${evilLog} 1\n`);
    expect(await page.locator('img[src=x], svg[onload], main script').count()).to.equal(0);
    expect(opened.complaints).to.deep.equal([]);
  });

  it('runs no script but its own, even if one got in', async () => {
    opened = await browser.open();
    await opened.page.goto(`${sites[0]}/`);
    await opened.page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.got = 1">')`,
    );
    await waitUntil(() => opened.complaints.some((text) => text.includes('Content Security Policy')), {
      what: 'the browser refusing the script',
    });
    expect(await opened.page.evaluate('globalThis.got')).to.equal(undefined);
  });
});

// Every button and link of the web page, pressed in a real browser against the real daemon, with a password: with the page's
// script, without JavaScript, by keyboard, and through a reverse proxy in front of the unix socket.
import { createServer, request, type Server } from 'node:http';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser, type TestPage } from '../support/browser.ts';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const credentials = { username: 'admin', password: 'cor:rect' };
/** As bad as a name can be: it may hold anything but blanks, colons and slashes. */
const oddName = 'a&b<i>ü%"\'?#;+';

describeWith(['chromium', 'koffi'], 'the buttons of the web page', function () {
  this.timeout(180_000);
  let browser: TestBrowser;
  let daemon: Daemon;
  let site: string;
  let opened: TestPage;

  before(async () => {
    const [port = 0] = await freePorts(1);
    site = `http://127.0.0.1:${port}`;
    [browser, daemon] = await Promise.all([
      startBrowser(),
      startDaemon('native', {
        config: `
[inet_http_server]
port=127.0.0.1:${port}
username=${credentials.username}
password=${credentials.password}
[program:talks]
command=${child('writes-lines.sh')} 3 word
startsecs=0
stdout_logfile=%(here)s/talks.out
stderr_logfile=%(here)s/talks.err
[program:pair]
command=${child('stays.sh')}
process_name=%(program_name)s-%(process_num)d
numprocs=2
startsecs=0
[program:${oddName}]
command=${child('writes-lines.sh')} 1 odd
autostart=false
startsecs=0
stdout_logfile=%(here)s/odd.out
[program:lost]
command=/nowhere/at/all
autostart=false
`,
      }),
    ]);
  });

  after(() => Promise.all([browser.close(), daemon.stop()]));

  afterEach(() => opened.close());

  async function open(options: { javaScriptEnabled?: boolean; at?: string } = {}): Promise<Page> {
    const { at = `${site}/`, javaScriptEnabled = true } = options;
    opened = await browser.open({ httpCredentials: credentials, javaScriptEnabled });
    await opened.page.goto(at);
    return opened.page;
  }

  /** Sets talks going if it does not run. */
  const startTalks = (): Promise<unknown> => daemon.call('startProcess', 'talks').catch(() => undefined);
  const written = (file: string, text: string): Promise<unknown> =>
    waitUntil(() => daemon.read(file).includes(text), { what: `${text} in ${file}` });

  /** A page on which a mark stays, unless it is loaded anew. */
  async function openMarked(javaScriptEnabled: boolean): Promise<Page> {
    const page = await open({ javaScriptEnabled });
    if (javaScriptEnabled) await page.evaluate('globalThis.isSamePage = true');
    return page;
  }

  /** With its script the page stays; without, the browser goes back to it with the message. */
  async function staysOrGoesBack(page: Page, javaScriptEnabled: boolean): Promise<void> {
    expect(opened.complaints).to.deep.equal([]);
    if (javaScriptEnabled) expect(await page.evaluate('globalThis.isSamePage')).to.equal(true);
    else expect(page.url()).to.match(/\/\?message=/);
  }

  for (const javaScriptEnabled of [true, false]) {
    describe(javaScriptEnabled ? 'with its script' : 'without JavaScript', () => {
      it('stop, start and restart a process', async () => {
        await daemon.waitForState('talks', 'RUNNING');
        const page = await openMarked(javaScriptEnabled);
        await press(page, 'Stop talks');
        await says(page, 'Process talks stopped');
        await shows(page, { name: 'talks', state: 'stopped' });
        expect((await daemon.info('talks')).statename).to.equal('STOPPED');
        await press(page, 'Start talks');
        await says(page, 'Process talks started');
        await shows(page, { name: 'talks', state: 'running' });
        const { pid } = await daemon.info('talks');
        await press(page, 'Restart talks');
        await says(page, 'Process talks restarted');
        expect((await daemon.info('talks')).pid).to.not.be.oneOf([0, pid]);
        await staysOrGoesBack(page, javaScriptEnabled);
      });

      it('stop and restart all', async () => {
        const page = await openMarked(javaScriptEnabled);
        await press(page, 'Stop All');
        await says(page, /^All stopped at \w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
        expect((await daemon.infos()).map(({ statename }) => statename)).to.not.include('RUNNING');
        await press(page, 'Restart All');
        await says(page, /^All restarted at /);
        await shows(page, { name: 'pair:pair-1', state: 'running' });
        await daemon.waitForState('pair:pair-0', 'RUNNING');
        await staysOrGoesBack(page, javaScriptEnabled);
        await daemon.call('stopProcess', oddName);
      });

      it('refresh', async () => {
        const page = await openMarked(javaScriptEnabled);
        await press(page, 'Refresh');
        await says(page, /^Page refreshed at /);
        await staysOrGoesBack(page, javaScriptEnabled);
      });

      it('clear a log', async () => {
        await startTalks();
        const page = await openMarked(javaScriptEnabled);
        await written('talks.out', 'word 3');
        await press(page, 'Clear Log talks');
        await says(page, 'Log for talks cleared');
        expect(daemon.read('talks.out')).to.equal('');
        await staysOrGoesBack(page, javaScriptEnabled);
        await daemon.call('stopProcess', 'talks');
        await daemon.call('startProcess', 'talks');
      });

      it('say why a start fails', async () => {
        const page = await openMarked(javaScriptEnabled);
        await press(page, 'Start lost');
        await says(page, 'ERROR: Process lost: no such file');
        await staysOrGoesBack(page, javaScriptEnabled);
      });

      it('work for a process with whatever name', async () => {
        const page = await openMarked(javaScriptEnabled);
        await press(page, `Start ${oddName}`);
        await says(page, `Process ${oddName} started`);
        await shows(page, { name: oddName, state: 'running' });
        await press(page, `Stop ${oddName}`);
        await says(page, `Process ${oddName} stopped`);
        expect((await daemon.info(oddName)).statename).to.equal('STOPPED');
        await staysOrGoesBack(page, javaScriptEnabled);
      });
    });
  }

  it('lead to the end of a log and back', async () => {
    await daemon.call('startProcess', oddName);
    await written('odd.out', 'odd 1');
    const page = await open();
    await page.getByRole('link', { name: oddName, exact: true }).click();
    await page.getByText('odd 1').waitFor();
    expect(await page.title()).to.equal(`Supervisor tail of process ${oddName}`);
    await daemon.call('clearProcessLogs', oddName);
    await page.getByRole('link', { name: 'Refresh' }).click();
    await page.waitForFunction("document.querySelector('pre').textContent === ''");
    await page.getByRole('link', { name: 'Last 16 KB' }).click();
    await page.waitForURL(/limit=16384/);
    await page.getByRole('link', { name: 'All processes' }).click();
    await page.getByRole('heading', { name: 'Processes' }).waitFor();
    await daemon.call('stopProcess', oddName);
  });

  for (const [channel, text] of [
    ['Stdout', 'word 3'],
    ['Stderr', 'error 3'],
  ] as const) {
    it(`follow ${channel} in a tab of its own`, async () => {
      await startTalks();
      const page = await open();
      // With noopener it is no popup of the page.
      const popup = page.context().waitForEvent('page');
      await page.getByRole('link', { name: `Tail -f ${channel} of talks, in a new tab` }).click();
      const tab = await popup;
      await tab.getByText(text).waitFor({ state: 'attached' });
      const count = (): Promise<number> => tab.evaluate(`document.body.textContent.split('${text}').length`);
      const before = await count();
      // A new process writes on into the same log.
      await daemon.call('stopProcess', 'talks');
      await daemon.call('startProcess', 'talks');
      await waitUntil(async () => (await count()) > before, { what: `${text} once more` });
    });
  }

  it('can be pressed by keyboard, and the focus stays in the row', async () => {
    await startTalks();
    const page = await open();
    const focused = (): Promise<string> => page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''");
    await page.getByRole('button', { name: 'Restart talks' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('Stop talks');
    await page.keyboard.press('Enter');
    await says(page, 'Process talks stopped');
    expect(await focused()).to.equal('Start talks');
    await page.keyboard.press('Space');
    await says(page, 'Process talks started');
    expect(await focused()).to.equal('Restart talks');
  });

  it('show that an action is under way and take no second press meanwhile', async () => {
    await startTalks();
    const page = await open();
    let posts = 0;
    const { promise: mayAnswer, resolve: answer } = resolvable();
    await page.route(/processname=talks/, async (route) => {
      posts += 1;
      await mayAnswer;
      await route.continue();
    });
    const stop = page.getByRole('button', { name: 'Stop talks', exact: true });
    await stop.click();
    await page.locator('button[aria-label="Stop talks"][aria-disabled="true"]').waitFor();
    await stop.click({ force: true });
    answer();
    await says(page, 'Process talks stopped');
    expect(posts).to.equal(1);
    await daemon.call('startProcess', 'talks');
  });

  it('work below a path of a reverse proxy, in front of the unix socket', async () => {
    const proxy = await startProxy(daemon.path('supervisor.sock'));
    try {
      for (const javaScriptEnabled of [true, false]) {
        const page = await open({ at: `${proxy.site}/below/`, javaScriptEnabled });
        await press(page, 'Restart pair:pair-0');
        await says(page, 'Process pair:pair-0 restarted');
        expect(page.url()).to.match(/\/below\/(\?message=.*)?$/);
        await page.getByRole('link', { name: 'talks', exact: true }).click();
        await page.getByRole('heading', { name: 'talks' }).waitFor();
        expect(opened.complaints).to.deep.equal([]);
        await opened.close();
      }
    } finally {
      proxy.server.close();
      proxy.server.closeAllConnections();
    }
  });

  it('tell those who open the page with the password in the address what they tell others', async () => {
    opened = await browser.open();
    const { page } = opened;
    await page.goto(site.replace('//', `//${credentials.username}:${encodeURIComponent(credentials.password)}@`));
    await press(page, 'Refresh');
    await says(page, /^Page refreshed at /);
    expect(opened.complaints).to.deep.equal([]);
  });

  it('are not there for who does not know the password', async () => {
    opened = await browser.open({ httpCredentials: { ...credentials, password: 'wrong' } });
    const answer = await opened.page.goto(`${site}/`);
    expect(answer?.status()).to.equal(401);
  });
});

function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click();
}

function says(page: Page, message: RegExp | string): Promise<void> {
  return page.getByRole('status').filter({ hasText: message }).waitFor();
}

function shows(page: Page, { name, state }: { name: string; state: string }): Promise<void> {
  return rowOf(page, name).locator('.badge', { hasText: state }).waitFor();
}

function resolvable(): { promise: Promise<void>; resolve: () => void } {
  const callbacks: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => callbacks.push(resolve));
  return { promise, resolve: () => callbacks.forEach((callback) => callback()) };
}

function rowOf(page: Page, name: string): ReturnType<Page['locator']> {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Passes /below/… on to a unix socket as /…, like nginx with `proxy_set_header Host $http_host`. */
async function startProxy(socketPath: string): Promise<{ server: Server; site: string }> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const passed = request({ socketPath, method, headers, path: url.replace(/^\/below/, '') }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  const [port = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, site: `http://127.0.0.1:${port}` };
}

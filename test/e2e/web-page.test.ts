// The web page as people meet it: it stays fresh by itself, fits a phone, is legible in the light and in the dark, passes
// axe, and says so when the daemon goes. Pictures of it stay in artifacts/.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startBrowser, takePicture, type TestBrowser, type TestPage, violations } from '../support/browser.ts';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

/** For the page to look again, which a slow machine makes it do less often. */
const deadlineMs = 40_000;
const longName = `a-program-with-a-name-that-does-not-fit-a-phone-${'x'.repeat(60)}`;

describeWith(['chromium', 'koffi'], 'the web page', function () {
  this.timeout(180_000);
  let browser: TestBrowser;
  const opened: TestPage[] = [];
  const daemons: Daemon[] = [];

  before(async () => {
    browser = await startBrowser();
  });

  after(async () => {
    await browser.close();
    await Promise.all(daemons.map((daemon) => daemon.stop()));
  });

  afterEach(async () => {
    for (const page of opened.splice(0)) await page.close();
  });

  async function start(config: string): Promise<{ daemon: Daemon; site: string }> {
    const [port = 0] = await freePorts(1);
    const daemon = await startDaemon('native', { config: `[inet_http_server]\nport=127.0.0.1:${port}\n${config}` });
    daemons.push(daemon);
    return { daemon, site: `http://127.0.0.1:${port}/` };
  }

  async function open(address: string, options: Parameters<TestBrowser['open']>[0] = {}): Promise<Page> {
    const one = await browser.open(options);
    opened.push(one);
    await one.page.goto(address);
    return one.page;
  }

  const complaints = (): string[] => opened.flatMap((one) => one.complaints);

  describe('of a daemon with programs in every state', () => {
    let daemon: Daemon;
    let site: string;

    before(async () => {
      ({ daemon, site } = await start(`
[supervisord]
identifier=shop
[program:nginx]
command=${child('stays.sh')}
startsecs=0
[program:web]
command=${child('writes-lines.sh')} 200 "GET /api/items 200, a line of a log that is longer than a phone is wide"
process_name=%(program_name)s-%(process_num)d
numprocs=4
numprocs_start=8000
startsecs=0
stdout_logfile=%(here)s/%(program_name)s-%(process_num)d.out
[program:starting]
command=${child('stays.sh')}
startsecs=3600
[program:migrate]
command=${child('exits-with.sh')} 0
startsecs=0
autorestart=false
[program:mailer]
command=/nowhere/at/all
startretries=0
[program:report]
command=/nowhere/else
startretries=1000
[program:${longName}]
command=${child('stays.sh')}
autostart=false
`));
      await daemon.waitForState('web:web-8003', 'RUNNING');
      await daemon.waitForState('nginx', 'RUNNING');
      await daemon.waitForState('migrate', 'EXITED');
      await daemon.waitForState('mailer', 'FATAL');
      await daemon.waitForState('starting', 'STARTING');
      await daemon.waitForState('report', 'BACKOFF');
      await waitUntil(() => daemon.read('web-8000.out').includes(' 200\n'), { what: 'the last line' });
    });

    const looks: readonly {
      readonly what: string;
      readonly picture: string;
      readonly path?: string;
      readonly options: Parameters<TestBrowser['open']>[0];
    }[] = [
      { what: 'in the light', picture: 'web-status.png', options: { viewport: { width: 1280, height: 800 } } },
      {
        what: 'in the dark',
        picture: 'web-dark.png',
        path: '?message=ERROR%3A%20Process%20mailer%3A%20spawn%20error',
        options: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
      },
      {
        what: 'on a phone',
        picture: 'web-phone.png',
        path: '?message=Process%20nginx%20restarted',
        options: { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
      },
      {
        what: 'on a phone in the dark',
        picture: 'web-phone-dark.png',
        options: { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2, isMobile: true, colorScheme: 'dark' },
      },
      {
        what: 'on a very narrow screen',
        picture: 'web-narrow.png',
        options: { viewport: { width: 320, height: 640 } },
      },
      { what: 'on a tablet', picture: 'web-tablet.png', options: { viewport: { width: 800, height: 1000 } } },
      {
        what: 'with large letters',
        picture: 'web-zoomed.png',
        options: { viewport: { width: 640, height: 800 }, deviceScaleFactor: 2 },
      },
      {
        what: 'as a log',
        picture: 'web-tail.png',
        path: 'tail.html?processname=web%3Aweb-8000',
        options: { viewport: { width: 1280, height: 800 } },
      },
      {
        what: 'as a log in the dark on a phone',
        picture: 'web-tail-phone.png',
        path: 'tail.html?processname=web%3Aweb-8000',
        options: { viewport: { width: 375, height: 812 }, deviceScaleFactor: 2, isMobile: true, colorScheme: 'dark' },
      },
    ];
    for (const { what, picture, path = '', options } of looks) {
      it(`fits, and passes axe, ${what}`, async () => {
        const page = await open(site + path, options);
        await takePicture(page, picture);
        const [content = 0, screen = 0] = await page.evaluate<number[]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        expect(content).to.be.at.most(screen);
        expect(await violations(page)).to.deep.equal([]);
        expect(complaints()).to.deep.equal([]);
      });
    }

    it('says each state in a word, and stays a table for those who cannot see it, also as cards', async () => {
      const page = await open(site, { viewport: { width: 375, height: 812 } });
      const row = page.getByRole('row').filter({ hasText: 'web:web-8000' });
      expect(await row.getByRole('cell').first().textContent()).to.equal('running');
      expect(await row.getByRole('rowheader').textContent()).to.match(/^\s*web:web-8000\s*$/);
      expect(await page.getByRole('columnheader').allTextContents()).to.deep.equal([
        'State',
        'Name',
        'Description',
        'Action',
      ]);
      expect(await page.getByRole('rowheader', { name: 'web 4 processes' }).count()).to.equal(1);
    });

    it('shows where the focus is', async () => {
      const page = await open(site);
      await page.keyboard.press('Tab');
      for (let presses = 0; presses < 5; presses++) {
        const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
        expect(outline).to.equal('solid');
        await page.keyboard.press('Tab');
      }
    });
  });

  describe('while somebody looks at it', () => {
    let daemon: Daemon;
    let site: string;

    before(async () => {
      const many = Array.from(
        { length: 30 },
        (_, index) =>
          `[program:p${String(index).padStart(2, '0')}]\ncommand=${child('stays.sh')}\nautostart=false\nstartsecs=0\n`,
      );
      ({ daemon, site } = await start(many.join('')));
    });

    it('follows what happens without loading anew, and keeps focus, scroll position and the last message', async () => {
      const page = await open(`${site}?message=hello`, { viewport: { width: 800, height: 600 } });
      await page.evaluate('globalThis.isSamePage = true');
      await page.getByRole('button', { name: 'Start p20' }).focus();
      await page.evaluate('scrollTo(0, 500)');
      const scroll = await page.evaluate('scrollY');
      await daemon.call('startProcess', 'p19');
      await waitUntil(async () => (await stateOf(page, 'p19')) === 'running', { what: 'p19 on the page', deadlineMs });
      expect(await page.evaluate('globalThis.isSamePage')).to.equal(true);
      expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).to.equal('Start p20');
      expect(await page.evaluate('scrollY')).to.equal(scroll);
      expect(await page.getByRole('status').textContent()).to.equal('hello');
      await page.getByText('1 running').waitFor();
      await daemon.call('stopProcess', 'p19');
      await waitUntil(async () => (await stateOf(page, 'p19')) === 'stopped', { what: 'p19 on the page', deadlineMs });
      expect(complaints()).to.deep.equal([]);
    });

    it('shows a group that is added and one that is removed', async () => {
      const page = await open(site);
      const config = daemon.read('supervisord.conf');
      daemon.write(
        'supervisord.conf',
        `${config.replace(/\[program:p05\][^[]*/, '')}[program:added]\ncommand=${child('stays.sh')}\nstartsecs=0\n`,
      );
      await daemon.call('reloadConfig');
      await daemon.call('removeProcessGroup', 'p05');
      await daemon.call('addProcessGroup', 'added');
      await waitUntil(async () => (await page.getByRole('link', { name: 'added', exact: true }).count()) === 1, {
        what: 'the new group',
        deadlineMs,
      });
      expect(await page.getByRole('link', { name: 'p05', exact: true }).count()).to.equal(0);
      expect(await page.getByRole('row').nth(1).textContent()).to.contain('added');
      expect(complaints()).to.deep.equal([]);
    });

    it('asks for nothing while it is hidden, and at once when it is seen again', async () => {
      const one = await browser.open();
      opened.push(one);
      const { page } = one;
      await page.addInitScript(
        "globalThis.isHidden = false; Object.defineProperty(Document.prototype, 'hidden', { get: () => globalThis.isHidden })",
      );
      await page.clock.install();
      await page.goto(site);
      let asked = 0;
      page.on('request', (request) => {
        if (request.resourceType() === 'fetch') asked += 1;
      });
      const look = (hidden: boolean): Promise<unknown> =>
        page.evaluate(`globalThis.isHidden = ${hidden}; document.dispatchEvent(new Event('visibilitychange'))`);
      await look(true);
      await page.clock.runFor(60_000);
      expect(asked).to.equal(0);
      await look(false);
      await waitUntil(() => asked === 1, { what: 'a question' });
      // The next one comes three seconds after the answer, whose time is the machine's own.
      await waitUntil(
        async () => {
          await page.clock.runFor(3000);
          return asked > 1;
        },
        { what: 'the next question' },
      );
    });

    it('says that the daemon does not answer, and takes that back when it does', async () => {
      const page = await open(site);
      await page.route(`${site}**`, (route) => route.abort());
      await page.getByText('ERROR: the daemon does not answer').waitFor();
      await page.unroute(`${site}**`);
      await waitUntil(async () => (await page.getByRole('status').textContent()) === '', {
        what: 'no message',
        deadlineMs,
      });
    });
  });

  it('says so when there is nothing to manage', async () => {
    const { site } = await start('');
    const page = await open(site);
    await page.getByText('No programs to manage').waitFor();
    expect(await violations(page)).to.deep.equal([]);
  });

  it('says that the daemon shuts down as long as it does', async () => {
    const { daemon, site } = await start(`
[program:stubborn]
command=${child('ignores-term.sh')}
startsecs=0
stopwaitsecs=3600
`);
    await daemon.waitForState('stubborn', 'RUNNING');
    const page = await open(site);
    daemon.signal('SIGTERM');
    await page.getByText('The daemon is shutting down: no action is possible now.').waitFor();
    await page.locator('.badge', { hasText: 'stopping' }).first().waitFor();
    expect(await page.getByRole('button').allTextContents()).to.have.length(1);
    expect(await violations(page)).to.deep.equal([]);
    await takePicture(page, 'web-shutdown.png');
    daemon.discard();
    await page.getByText('ERROR: the daemon does not answer').waitFor();
  });

  it('goes on after a restart of the daemon, with the buttons of the new one', async () => {
    const { daemon, site } = await start(`[program:p]\ncommand=${child('stays.sh')}\nstartsecs=0\n`);
    await daemon.waitForState('p', 'RUNNING');
    const [page, old] = [await open(site), await open(site, { javaScriptEnabled: false })];
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^INFO supervisord started with pid /, { count: 2 });
    await daemon.waitForState('p', 'RUNNING');
    await old.getByRole('button', { name: 'Stop p' }).click();
    await old.getByText('Nothing was done: the page was older than the daemon.').waitFor();
    await old.getByRole('button', { name: 'Stop p' }).click();
    await old.getByText('Process p stopped').waitFor();
    await page.locator('.badge', { hasText: 'stopped' }).first().waitFor();
    await page.getByRole('button', { name: 'Start p' }).click();
    await page.getByText('Process p started').waitFor();
  });
});

function stateOf(page: Page, name: string): Promise<string | null> {
  return page.getByRole('row').filter({ hasText: name }).locator('.badge').textContent();
}

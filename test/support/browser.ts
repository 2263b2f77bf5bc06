// A real Chromium without a window, for the tests of the web page. Its home is a directory of its own, and what it leaves
// for people to look at goes to artifacts/.
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Looked-for things appear within this, however busy the machine is. */
const patienceMs = 45_000;

/** A running browser. */
export class TestBrowser {
  readonly #browser: Browser;
  readonly #home: string;

  constructor(browser: Browser, home: string) {
    this.#browser = browser;
    this.#home = home;
  }

  /** A page that shares nothing with the others; what it says on its console is kept. */
  async open(options: BrowserContextOptions = {}): Promise<TestPage> {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(patienceMs);
    const complaints: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      // A page that is gone takes its dialog with it.
      dialog.dismiss().catch(() => undefined);
    });
    return { page, complaints, close: () => context.close() };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** A page, and the errors, warnings and dialogs of its scripts so far. */
export interface TestPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts a browser, which may take its time. */
export async function startBrowser(): Promise<TestBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'corevisor-browser-'));
  const browser = await chromium.launch({
    executablePath: findProgram('chromium'),
    args: ['--no-sandbox'],
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: tmpdir() },
    timeout: 90_000,
  });
  return new TestBrowser(browser, home);
}

/** What axe, with all its rules, has to say against the page as it is; empty when nothing. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const [applied, found] = await page.evaluate<[number, string[]]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) => [passes.length,
      violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => id + ': ' + help + ': ' + html))])`,
  );
  if (applied < 10) throw new Error(`axe has applied only ${applied} of its rules`);
  return found;
}

/** Keeps a picture of the whole page. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: resolve(import.meta.dirname, '../../artifacts', name), fullPage: true });
}

function findProgram(name: string): string {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name));
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`no ${name} in PATH`);
  return found;
}

// What a test needs of the machine beyond Node, and what becomes of the test where it is missing: left out and listed by
// name with the reason at the end of the run; with CI=true it fails instead. Only what `leaveOut` is told directly (the
// table in modes.ts) may be left out in CI.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Suite } from 'mocha';
import { fakeTimeLibrary } from './fake-time.ts';

interface Requirement {
  /** Null when it is there, else why it is not. */
  readonly check: () => string | null;
}

const requirements = {
  supervisord: { check: () => runs('supervisord', ['--version'], 'no real supervisord is installed') },
  nginx: { check: () => runs('nginx', ['-v'], 'no nginx is installed') },
  docker: { check: () => runs('docker', ['version', '--format', '{{.Server.Version}}'], 'no Docker engine answers') },
  chromium: { check: () => runs('chromium', ['--version'], 'no Chromium is installed') },
  phpCgi: { check: () => runs('php-cgi', ['-v'], 'no php-cgi is installed') },
  fcgiwrap: { check: () => runs('fcgiwrap', ['-h'], 'no fcgiwrap is installed') },
  curl: { check: () => runs('curl', ['--version'], 'no curl is installed') },
  script: { check: () => runs('script', ['--version'], 'no script of util-linux is installed') },
  python3: { check: () => runs('python3', ['--version'], 'no python3 is installed') },
  taskset: { check: () => runs('taskset', ['--version'], 'no taskset is installed') },
  setpriv: { check: () => runs('setpriv', ['--version'], 'no setpriv of util-linux is installed') },
  faketime: { check: () => (fakeTimeLibrary() === null ? 'no libfaketime is installed' : null) },
  strace: { check: () => runs('strace', ['-e', 'trace=none', 'true'], 'no strace is installed, or it may not trace') },
  namespaces: { check: () => runs('unshare', ['--mount', 'true'], 'no mount namespace can be made') },
  root: { check: () => (process.getuid?.() === 0 ? null : 'the tests do not run as root') },
  koffi: { check: nativeCalls },
} as const satisfies Record<string, Requirement>;

export type RequirementName = keyof typeof requirements;

/** Whether this machine has it, and if not, why. */
export function requirement(name: RequirementName): { readonly met: boolean; readonly reason: string } {
  const known = answers.get(name);
  const problem = known === undefined ? requirements[name].check() : known;
  answers.set(name, problem);
  return { met: problem === null, reason: problem ?? '' };
}

/** `describe` for tests that need something: left out with the reason where it is missing, failed where CI=true. */
export function describeWith(needs: readonly RequirementName[], title: string, body: (this: Suite) => void): void {
  const reasons = needs.map((name) => requirement(name).reason).filter((reason) => reason !== '');
  if (reasons.length === 0) {
    describe(title, body);
  } else if (process.env['CI'] === 'true') {
    describe(title, () => {
      it(`has what it needs: ${needs.join(', ')}`, () => {
        throw new Error(`with CI=true nothing may be left out, but ${reasons.join(' and ')}`);
      });
    });
  } else {
    leaveOut({ title, reason: reasons.join(' and '), body });
  }
}

/** Leaves a block of tests out and lists it at the end of the run; legal in CI, so only for what a table allows. */
export function leaveOut(block: { title: string; reason: string; body: (this: Suite) => void }): void {
  const suite = describe.skip(block.title, block.body);
  if (suite) leftOut.push({ suite, reason: block.reason });
}

const answers = new Map<RequirementName, string | null>();
const leftOut: { suite: Suite; reason: string }[] = [];

// After the reporter's own summary, so that it is the last thing a reader sees.
process.once('exit', () => {
  const blocks = leftOut.filter(({ suite }) => suite.total() > 0);
  if (blocks.length === 0) return;
  const names = blocks.flatMap(({ suite, reason }) => testsOf(suite).map((name) => `  ${name}\n      ${reason}`));
  process.stdout.write(`\nLeft out (${names.length}):\n${names.join('\n')}\n`);
});

function testsOf(suite: Suite): string[] {
  return [...suite.tests.map((test) => test.titlePath().join(' > ')), ...suite.suites.flatMap(testsOf)];
}

function runs(program: string, flags: string[], problem: string): string | null {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const { status } = spawnSync(program, flags, {
    env: { ...process.env, PATH: path },
    stdio: 'ignore',
    timeout: 20_000,
  });
  return status === 0 ? null : problem;
}

function nativeCalls(): string | null {
  try {
    createRequire(import.meta.url)('koffi');
    return null;
  } catch {
    return 'koffi does not load here, so there are no native calls';
  }
}

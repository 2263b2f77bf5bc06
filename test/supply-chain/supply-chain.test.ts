// What comes from others: which packages, from where, under which licences, with which scripts, and why.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { useTempFolder } from '../support/temp-folder.ts';
import { allowedLicences, allowedPackages, unneededScripts, whatToDo } from './allowed.ts';
import { justified, lockedPackages, readManifest } from './lockfile.ts';

const root = resolve(import.meta.dirname, '../..');
const manifest = readManifest('package.json');
const production = lockedPackages().filter(({ dev }) => dev !== true);
const known = new Set(Object.values(allowedPackages).flat());

describe('the packages that run in production', () => {
  it('are all known, by the lockfile', () => {
    const strangers = production.filter(({ name }) => !known.has(name)).map(({ path }) => path);
    expect(strangers, whatToDo).to.deep.equal([]);
    const gone = [...known].filter((name) => !production.some((one) => one.name === name));
    expect(gone, 'no longer there: take them out of test/supply-chain/allowed.ts').to.deep.equal([]);
  });

  it('are all known, by npm ls --omit=dev --all', function () {
    this.timeout(120_000);
    const { stdout } = npm('ls', '--omit=dev', '--all', '--parseable');
    const names = stdout
      .split('\n')
      .filter((path) => path.includes('/node_modules/'))
      .map((path) => path.slice(path.lastIndexOf('/node_modules/') + '/node_modules/'.length))
      .filter((name) => name !== 'corevisor' && name !== '@corevisor/service');
    expect(names, 'what npm ls shows').to.include.members(['koffi', 'winston', 'http-proxy']);
    expect(
      names.filter((name) => !known.has(name)),
      whatToDo,
    ).to.deep.equal([]);
  });

  it('are named exactly by version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(loose.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).to.deep.equal([]);
  });

  it('have a licence that allows it', () => {
    const others = production.filter(({ license }) => !allowedLicences.includes(license ?? ''));
    expect(
      others.map(({ path, license }) => `${path}: ${license}`),
      'licences that nobody has agreed to (test/supply-chain/allowed.ts)',
    ).to.deep.equal([]);
  });

  it('are each justified in docs/architecture.md, as are the tools', () => {
    const named = Object.keys(manifest.dependencies).toSorted();
    expect(justified().production, 'the table and "dependencies"').to.deep.equal(named);
    expect(Object.keys(allowedPackages).toSorted(), 'allowed.ts and "dependencies"').to.deep.equal(named);
    const tools = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith('@types/'));
    const rows = justified().development.filter((name) => !name.startsWith('@types/'));
    expect(rows, 'the table and "devDependencies"').to.deep.equal(tools.toSorted());
  });

  it('are used by the sample service too, which brings none of its own', () => {
    const { dependencies } = readManifest('service/package.json');
    expect(manifest.dependencies).to.include(dependencies);
  });

  it('have no vulnerability that the registry knows of', function () {
    this.timeout(120_000);
    const answer = npm('audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=30000');
    const said = parsed(answer.stdout);
    if (said?.vulnerabilities === undefined) {
      const reason = said?.message ?? (answer.stderr.split('\n')[0] || 'no answer');
      process.stdout.write(`    npm audit is not answered here, so nothing is checked: ${reason}\n`);
      this.skip();
    }
    expect(Object.keys(said.vulnerabilities), 'npm audit --omit=dev says more').to.deep.equal([]);
  });
});

describe('the lockfile', () => {
  it('names no host, and has a checksum for each package that may be installed', () => {
    const packages = lockedPackages();
    expect(packages.length).to.be.greaterThan(50);
    expect(packages.filter(({ resolved }) => resolved !== undefined).map(({ path }) => path)).to.deep.equal([]);
    // Of the tools' binaries for other platforms, npm only knows the checksums of those that it has once fetched.
    const installed = packages.filter(
      ({ dev, optional, path: at }) => !(dev && optional) || existsSync(join(root, at)),
    );
    const unchecked = installed.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
    expect(unchecked.map(({ path }) => path)).to.deep.equal([]);
  });
});

describe('install scripts', () => {
  const path = useTempFolder();

  it('are only brought by packages that need none, and are switched off', () => {
    const bringers = [...new Set(lockedPackages().flatMap((one) => (one.hasInstallScript === true ? [one.name] : [])))];
    expect(bringers.filter((name) => !(name in unneededScripts))).to.deep.equal([]);
    expect(manifest.allowScripts).to.deep.equal({ esbuild: false, koffi: false });
  });

  it('are not needed for native calls: koffi loads as it is unpacked', function () {
    this.timeout(60_000);
    for (const name of ['koffi', '@koromix']) {
      cpSync(join(root, 'node_modules', name), path(`node_modules/${name}`), { recursive: true, filter: isUnpacked });
    }
    const script = `process.stdout.write(String(require('koffi').load(null).func('int getpid()')() === process.pid))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: path('.'), encoding: 'utf8' });
    expect(stdout, stderr).to.equal('true');
  });
});

/** What a script of koffi's would have made is not. */
function isUnpacked(path: string): boolean {
  return !/node_modules\/koffi\/build(\/|$)/.test(path);
}

function npm(...words: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  return spawnSync('npm', words, { cwd: root, encoding: 'utf8', timeout: 100_000 });
}

interface Audit {
  readonly vulnerabilities?: Record<string, unknown>;
  readonly message?: string;
}

function parsed(text: string): Audit | null {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' ? said : null;
  } catch {
    return null;
  }
}

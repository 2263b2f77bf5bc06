// `import 'corevisor/worker'` as somebody else's package writes it, with corevisor installed beside it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { paths } from '../support/serving.ts';

describe('corevisor/worker as a package', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'corevisor-user-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(paths.root, join(folder, 'node_modules/corevisor'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const installed = "console.log(Symbol.for('corevisor.worker') in process)";
  for (const [kind, source] of [
    ['module', `import 'corevisor/worker'; ${installed}`],
    ['commonjs', `require('corevisor/worker'); ${installed}`],
  ] as const) {
    it(`is found by name: ${kind}`, () => {
      const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${kind}`, '-e', source], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout, stderr).to.equal('true\n');
    });
  }

  for (const [name, options] of Object.entries({
    'server.mts': ['--module', 'nodenext'],
    'server.cts': ['--module', 'nodenext'],
    'server.ts': ['--module', 'esnext', '--moduleResolution', 'bundler'],
  })) {
    it(`has types for TypeScript at its strictest: ${name} ${options.join(' ')}`, () => {
      writeFileSync(join(folder, name), "import 'corevisor/worker';\nexport const port = 8000;\n");
      const strict = ['--noEmit', '--strict', '--noUncheckedSideEffectImports', '--types', ''];
      const { stdout, status } = spawnSync(join(paths.root, 'node_modules/.bin/tsc'), [...strict, ...options, name], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout).to.equal('');
      expect(status).to.equal(0);
    });
  }
});

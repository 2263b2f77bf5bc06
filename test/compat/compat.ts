// `npm run compat [-- WORDS]`: plays the scenarios whose area and name hold all the words, by default every one, against
// ours, and holds the records against the golden ones. Needs neither Python nor supervisord.
import { resolve } from 'node:path';
import Mocha from 'mocha';

process.env['COREVISOR_COMPAT_WORDS'] = process.argv.slice(2).join(' ');
const mocha = new Mocha({ timeout: 30_000 });
mocha.addFile(resolve(import.meta.dirname, 'conformance.test.ts'));
await mocha.loadFilesAsync();
mocha.run((failures) => {
  process.exitCode = failures === 0 ? 0 : 1;
});

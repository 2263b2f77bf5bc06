// The sample configuration of ours under the real supervisord, with every option written out that has a value.
import { expect } from 'chai';
import { resolve } from 'node:path';
import { run } from '../support/ctl.ts';
import { freePorts } from '../support/free-port.ts';
import { describeWith } from '../support/requirements.ts';
import { makeDirectory, startDaemon } from '../support/run-supervisord.ts';

const bundle = resolve(import.meta.dirname, '../../dist/echo-supervisord-conf.cjs');

describeWith(['supervisord'], 'the sample configuration of echo_supervisord_conf', function () {
  this.timeout(60_000);

  for (const [what, written] of [
    ['as it is printed', /^$/g],
    ['with every option that has a value', /^;(?=\[|[a-z_.]+=(?!<))/gm],
  ] as const) {
    it(`is one for the real supervisord, ${what}`, async () => {
      const { stdout } = await run([process.execPath, bundle]);
      const directory = makeDirectory();
      const [port] = await freePorts(1);
      const config = stdout.replaceAll(written, '').replaceAll('/tmp/', `${directory}/`).replace(':9001', `:${port}`);
      const daemon = await startDaemon('reference', { directory, config, head: false, comesUp: false });
      try {
        await daemon.waitForMessage(/supervisord started with pid/);
        expect(daemon.errors).not.to.contain('Error');
      } finally {
        daemon.discard();
      }
    });
  }
});

// A program that never reads its stdin, while somebody writes to it as fast as it goes.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { child, startDaemon } from '../support/run-supervisord.ts';

describeWith(['koffi'], 'a program that never reads its stdin', () => {
  it('takes a mebibyte; what comes then is refused, and memory stays where it is', async () => {
    const daemon = await startDaemon('native', {
      config: `
[program:deaf]
command=${child('stays.sh')}
startsecs=0
[program:hears]
command=${process.execPath} ${child('says.cjs')}
startsecs=0
stdout_logfile=%(here)s/hears
`,
    });
    try {
      await daemon.waitForState('deaf', 'RUNNING');
      const text = 'x'.repeat(100_000);
      let taken = 0;
      let refusal = '';
      for (let call = 0; call < 200; call += 1) {
        const answer = await daemon.call('sendProcessStdin', 'deaf', text).catch((error: unknown) => error);
        if (answer === true) taken += text.length;
        else refusal = String(answer);
      }
      expect(refusal).to.match(/FAILED: stdin of deaf is not read, \d+ bytes wait for it already$/);
      // 64 KiB are in its pipe.
      expect(taken).to.be.within(1_000_000, 1_200_000);
      expect(memory(daemon.pid)).to.be.below(150);
      // A single write may be long, for whoever reads.
      const line = `${'y'.repeat(2_000_000)}\\n`;
      await daemon.call('sendProcessStdin', 'hears', `out ${line}\n`);
      await daemon.waitForProcess('hears', () => daemon.read('hears').length === 2_000_001);
      expect((await daemon.info('deaf')).statename).to.equal('RUNNING');
      await daemon.call('stopProcess', 'deaf');
    } finally {
      await daemon.stop();
    }
  });
});

/** Resident mebibytes at the highest. */
function memory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

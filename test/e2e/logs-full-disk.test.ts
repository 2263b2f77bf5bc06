// A log that can grow no further, as on a full disk: the writer lives on, what is lost is counted, and it goes on by itself.
// The limit is the process's own (ulimit -f), which refuses a write just where a full disk would.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { useTempFolder } from '../support/temp-folder.ts';

describe('a log on a full disk', () => {
  const at = useTempFolder();

  it('loses what does not fit, says so once, and goes on when there is room', () => {
    const script = join(import.meta.dirname, '../fixtures/fills-its-log.ts');
    const node = [process.execPath, '--import', 'tsx', script, at('x.log')];
    // dash counts blocks of 512 bytes here, bash of 1024.
    const said = execFileSync('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...node], { encoding: 'utf8' });
    expect(said.split('\n').slice(0, -1)).to.have.length(2);
    expect(said).to.match(/^cannot write to .*x\.log: EFBIG, what is written meanwhile is lost\n/);
    const lost = Number(/can be written again, (\d+) bytes were lost\n$/.exec(said)?.[1]);
    expect(lost).to.be.oneOf([10_000 - 8 * 512, 10_000 - 8 * 1024]);
    expect(readFileSync(at('x.log'), 'utf8')).to.equal('room again\n');
  });
});

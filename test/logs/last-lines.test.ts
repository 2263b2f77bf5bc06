import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { expect } from 'chai';
import { lastLines } from '../../src/logs/last-lines.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('the last lines of a log', () => {
  const at = useTempFolder();

  it('are the last, with or without a line end behind them', () => {
    writeFileSync(at('x'), 'a\nb\r\n\nc\n');
    expect(lastLines(at('x'), 20)).to.deep.equal(['a', 'b', '', 'c']);
    expect(lastLines(at('x'), 2)).to.deep.equal(['', 'c']);
    writeFileSync(at('x'), 'a\nhalf');
    expect(lastLines(at('x'), 1)).to.deep.equal(['half']);
  });

  it('go on into the log that was rotated away just now', () => {
    writeFileSync(at('x.1'), '1\n2\n3\n');
    writeFileSync(at('x'), '4\n');
    expect(lastLines(at('x'), 3)).to.deep.equal(['2', '3', '4']);
    expect(lastLines(at('gone'), 3)).to.deep.equal([]);
  });

  it('are harmless on a terminal and in one line, whatever the bytes are', () => {
    writeFileSync(at('x'), Buffer.from('\x1b[2Jcleared\x07\n\xff\xfe\0\n', 'latin1'));
    expect(lastLines(at('x'), 20)).to.deep.equal(['\\x1b[2Jcleared\\x07', '\ufffd\ufffd\\x00']);
  });

  it('cost the same for 10 GB and for one line of 100 MB', () => {
    const fd = openSync(at('x'), 'w');
    ftruncateSync(fd, 10 * 2 ** 30);
    writeSync(fd, '\nthe end\n', 10 * 2 ** 30);
    closeSync(fd);
    const line = openSync(at('line'), 'w');
    ftruncateSync(line, 100 * 2 ** 20);
    writeSync(line, 'x'.repeat(1000), 100 * 2 ** 20);
    closeSync(line);
    const before = process.memoryUsage().rss;
    expect(lastLines(at('x'), 1)).to.deep.equal(['the end']);
    expect(lastLines(at('line'), 20)).to.deep.equal([`\u2026${'x'.repeat(500)}`]);
    expect(process.memoryUsage().rss - before).to.be.below(16 * 2 ** 20);
  });

  it('are none of what is no regular file', () => {
    mkdirSync(at('folder'));
    symlinkSync('/dev/zero', at('zero'));
    for (const path of [at('folder'), at('zero'), '/dev/null', '/dev/tty']) {
      expect(lastLines(path, 20), path).to.deep.equal([]);
    }
  });
});

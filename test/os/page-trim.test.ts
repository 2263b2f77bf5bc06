import { expect } from 'chai';
import { cleanText, createPageTrim } from '../../src/os/page-trim.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A mapping as proc_pid_smaps(5) writes it, less the lines that do not matter. */
function mapping(head: string, anonymousKb: number): string {
  return `${head}\nSize:               7612 kB\nRss:                1024 kB\nAnonymous:      ${String(anonymousKb).padStart(8)} kB\nVmFlags: rd mr mw me \n`;
}

const text = mapping('00b72000-025fe000 r-xp 00772000 fe:00 260689                 /opt/a b/node', 0);
const constants = mapping('02601000-02603000 r--p 02201000 fe:00 260689                 /opt/a b/node', 0);
const relocated = mapping('02600000-02601000 r--p 02200000 fe:00 260689                 /opt/a b/node', 4);
const others = [
  mapping('05640000-05650000 rw-p 05240000 fe:00 260689                 /opt/a b/node', 0),
  mapping('7f90a0964000-7f90a0aba000 r-xp 00026000 fe:00 339380         /usr/lib/x86_64-linux-gnu/libc.so.6', 0),
  mapping('7f90a0c00000-7f90a0c99000 r--p 00000000 fe:00 339903         /opt/a b/node (deleted)', 0),
  mapping('7f90a1c00000-7f90a1c99000 r--p 00000000 00:00 0', 0),
  mapping('7ffd1c000000-7ffd1c002000 r-xp 00000000 00:00 0              [vdso]', 0),
];

describe('the text of Node that can be given back', () => {
  it('is what is mapped from its file, without writing, and was never written to', () => {
    expect(cleanText([text, relocated, constants, ...others].join(''), '/opt/a b/node')).to.deep.equal([
      { start: 0xb72000, bytes: 0x25fe000 - 0xb72000 },
      { start: 0x2601000, bytes: 0x2000 },
    ]);
  });

  it('is that of libnode too, where a distribution has Node in a library', () => {
    const library = mapping(
      '7f0000000000-7f0000001000 r-xp 00000000 fe:00 7  /usr/lib/x86_64-linux-gnu/libnode.so.115',
      0,
    );
    expect(cleanText(library, '/usr/bin/node')).to.deep.equal([{ start: 0x7f0000000000, bytes: 0x1000 }]);
  });

  it('is none where the kernel does not say what was written to', () => {
    expect(cleanText('', '/opt/a b/node')).to.deep.equal([]);
    expect(cleanText(text.replace(/Anonymous.*\n/, ''), '/opt/a b/node')).to.deep.equal([]);
  });
});

describe('trimming pages', () => {
  let files: Record<string, string | null>;
  let calls: string[];
  let clock: FakeClock;
  let trim: ReturnType<typeof createPageTrim>;

  const resident = (kb: number): void => void (files['/proc/self/status'] = `VmRSS: 9 kB\nRssFile:\t   ${kb} kB\n`);

  beforeEach(() => {
    files = { '/proc/self/smaps': text };
    calls = [];
    clock = new FakeClock();
    resident(37_000);
    trim = createPageTrim({
      libc: {
        madvise: (start, bytes, advice) => {
          calls.push(`madvise ${start.toString(16)} ${bytes} ${advice}`);
          resident(10_000);
          return 0;
        },
        malloc: {
          trim: (keep) => calls.push(`malloc_trim ${keep}`),
          set: (parameter, value) => calls.push(`mallopt ${parameter},${value}`),
        },
      },
      clock,
      readFile: (path) => files[path] ?? null,
      executable: '/opt/a b/node',
    });
    expect(calls.splice(0)).to.deep.equal(['mallopt -1,131072']);
  });

  it('happens once, five seconds after there was something to do, and leaves no timer behind', () => {
    expect(clock.pending).to.equal(0);
    trim.worked();
    trim.worked();
    clock.advance(4999);
    expect(calls).to.deep.equal([]);
    clock.advance(1);
    expect(calls).to.deep.equal(['madvise b72000 27836416 4', 'malloc_trim 0']);
    expect(clock.pending).to.equal(0);
  });

  it('happens again after a minute at the earliest, and only if much has come back', () => {
    trim.worked();
    clock.advance(5000);
    calls = [];
    resident(20_000);
    trim.worked();
    clock.advance(60_000);
    expect(calls).to.deep.equal([]);
    resident(24_000);
    trim.worked();
    clock.advance(59_999);
    expect(calls).to.deep.equal([]);
    clock.advance(1);
    expect(calls).to.have.length(2);
    clock.advance(60_000);
    expect(clock.pending).to.equal(0);
  });

  it('does not happen where the kernel does not tell, and asks again after the next work only', () => {
    for (const file of ['/proc/self/smaps', '/proc/self/status']) {
      files[file] = null;
      trim.worked();
      clock.advance(60_000);
    }
    expect(calls.filter((call) => call.startsWith('madvise'))).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('does not happen once it is closed', () => {
    trim.worked();
    trim.close();
    trim.worked();
    expect(clock.pending).to.equal(0);
  });
});

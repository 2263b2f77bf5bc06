import { expect } from 'chai';
import { ConfigError } from '../../src/base/errors.ts';
import { describeFlags, readCtlFlags, readSupervisordFlags, supervisordFlags } from '../../src/config/flags.ts';
import { fakeValueContext } from '../support/make-config.ts';

const context = fakeValueContext();

describe('the command line of supervisord', () => {
  it('reads short and long flags, alone and grouped, with arguments attached or not', () => {
    expect(
      readSupervisordFlags(['-nkc', 'x.conf', '-y1KB', '--loglevel=DEBUG', '--umask', '027'], context),
    ).to.deep.equal({
      request: 'run',
      configuration: 'x.conf',
      flags: { nodaemon: true, nocleanup: true, logfile_maxbytes: 1024, loglevel: 'debug', umask: 0o27 },
    });
  });

  it('reads a long flag by any prefix that fits one, or fits exactly', () => {
    const { flags } = readSupervisordFlags(['--logf', 'a', '--logfile_m', '1'].slice(2), context);
    expect(flags).to.deep.equal({ logfile_maxbytes: 1 });
    expect(readSupervisordFlags(['--logfile', 'a'], context).flags).to.deep.equal({ logfile: 'a' });
  });

  it('reads as many letters and words as a command line can hold', () => {
    const started = process.cpuUsage();
    for (const words of [[`-${'n'.repeat(130_000)}`], Array<string>(190_000).fill('-n')]) {
      expect(() => readSupervisordFlags(words, context)).to.throw(ConfigError, "conflicting command line option '-n'");
    }
    // With the front cut off at each word it would be longer.
    expect(process.cpuUsage(started).user / 1e6).to.be.below(5);
  });

  it('takes an empty path for none', () => {
    expect(readSupervisordFlags(['-l', '', '-j', '', '-i', ''], context).flags).to.deep.equal({ identifier: '' });
  });

  it('ends at the first request for help or the version', () => {
    expect(readSupervisordFlags(['-n', '-h', '-e', 'loud'], context).request).to.equal('help');
    expect(readSupervisordFlags(['-?'], context).request).to.equal('help');
    expect(readSupervisordFlags(['-v'], context).request).to.equal('version');
  });

  const errors: readonly (readonly [readonly string[], string])[] = [
    [['--bogus'], 'option --bogus not recognized'],
    [['-Z'], 'option -Z not recognized'],
    [['-c'], 'option -c requires argument'],
    [['--configuration'], 'option --configuration requires argument'],
    [['--nodaemon=1'], 'option --nodaemon must not have an argument'],
    [['--log', 'x'], 'option --log not a unique prefix'],
    [['foo', '-n'], "positional arguments are not supported: ['foo', '-n']"],
    [['-e', 'loud'], "invalid value for -e 'loud': bad logging level name 'loud'"],
    [['--loglev=loud'], "invalid value for --loglevel 'loud': bad logging level name 'loud'"],
    [
      ['-l', '/nope/x'],
      "invalid value for -l '/nope/x': The directory named as part of the path /nope/x does not exist",
    ],
    [['-a', 'x'], "invalid value for -a 'x': invalid literal for int() with base 10: 'x'"],
    [['-n', '-n'], "conflicting command line option '-n'"],
    [['-n', '--nodaemon'], "conflicting command line option '--nodaemon'"],
    [['-e', 'loud', '-h'], "invalid value for -e 'loud': bad logging level name 'loud'"],
  ];
  for (const [argv, message] of errors) {
    it(`answers ${argv.join(' ')} with: ${message}`, () => {
      expect(() => readSupervisordFlags(argv, context)).to.throw(message);
    });
  }

  it('describes every flag', () => {
    expect(describeFlags(supervisordFlags))
      .to.match(/^-h\/--help +print/)
      .and.contain('-c/--configuration FILE');
  });
});

describe('the command line of supervisorctl', () => {
  it('takes what comes after the flags for the command', () => {
    expect(readCtlFlags(['-s', 'unix:///x', '-uu', '--password', 'p', 'tail', '-f', 'web'], context)).to.deep.equal({
      request: 'run',
      configuration: null,
      interactive: false,
      flags: { serverurl: 'unix:///x', username: 'u', password: 'p' },
      words: ['tail', '-f', 'web'],
    });
  });

  it('is interactive without a command, and when asked', () => {
    expect(readCtlFlags([], context).interactive).to.equal(true);
    expect(readCtlFlags(['-i', 'status'], context)).to.deep.include({ interactive: true, words: ['status'] });
  });

  it('wants a URL', () => {
    expect(() => readCtlFlags(['-s', 'foo'], context)).to.throw("invalid value for -s 'foo': value 'foo' is not a URL");
  });
});

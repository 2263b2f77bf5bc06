import { closeSync, openSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { Fault } from '../../src/base/errors.ts';
import { ConsoleSink } from '../../src/logs/console.ts';
import { createLogger } from '../../src/logs/logger.ts';
import type { Logger, LoggerOptions } from '../../src/logs/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe("supervisord's own log", () => {
  const at = useTempFolder();
  const loggers: Logger[] = [];

  function openLogger(options: Partial<LoggerOptions> = {}): Logger {
    const file = { path: at('x.log'), maxBytes: 0, backups: 0 };
    const logger = createLogger({ level: 'info', clock: new FakeClock(), file, console: null, ...options });
    loggers.push(logger);
    return logger;
  }

  /** Levels and texts of the lines in a file. */
  function linesOf(name: string): string[] {
    const lines = readFileSync(at(name), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /, ''));
  }

  /** A ConsoleSink whose stdout is a file of the test. */
  function useConsole(body: (console: ConsoleSink, fd: number) => void): void {
    const fd = openSync(at('stdout'), 'a');
    try {
      body(new ConsoleSink({ fd, clock: new FakeClock() }), fd);
    } finally {
      closeSync(fd);
    }
  }

  afterEach(() => {
    for (const logger of loggers.splice(0)) logger.close();
  });

  it('has each line in the file when the call returns', () => {
    openLogger().info("spawned: 'x' with pid 123");
    expect(linesOf('x.log')).to.deep.equal(["INFO spawned: 'x' with pid 123"]);
  });

  it('writes what is at or above its level', () => {
    const logger = openLogger({ level: 'warn' });
    logger.crit('a');
    logger.error('b');
    logger.warn('c');
    logger.info('d');
    logger.debug('e');
    logger.trace('f');
    logger.blather('g');
    expect(linesOf('x.log')).to.deep.equal(['CRIT a', 'ERRO b', 'WARN c']);
    expect([logger.isEnabled('warn'), logger.isEnabled('info')]).to.deep.equal([true, false]);
  });

  it('is rotated', () => {
    const logger = openLogger({ file: { path: at('x.log'), maxBytes: 60, backups: 1 } });
    for (const text of ['one', 'two', 'three']) logger.info(text);
    expect(linesOf('x.log.1')).to.deep.equal(['INFO one', 'INFO two']);
    expect(linesOf('x.log')).to.deep.equal(['INFO three']);
  });

  it('is copied to stdout in the foreground', () => {
    useConsole((console) => {
      const logger = openLogger({ console });
      logger.info('a');
      logger.close();
    });
    expect(linesOf('x.log')).to.deep.equal(['INFO a']);
    expect(linesOf('stdout')).to.deep.equal(['INFO a']);
  });

  it('is written once when its file is stdout itself', () => {
    useConsole((console, fd) => {
      symlinkSync(`/proc/self/fd/${fd}`, at('link'));
      const logger = openLogger({ console, file: { path: at('link'), maxBytes: 0, backups: 0 } });
      logger.info('a');
      logger.close();
    });
    expect(linesOf('stdout')).to.deep.equal(['INFO a']);
  });

  it('warns once of a maxbytes that cannot be obeyed', () => {
    useConsole((console, fd) => {
      openLogger({ console, file: { path: `/dev/fd/${fd}`, maxBytes: 50, backups: 1 } }).close();
    });
    expect(linesOf('stdout').join()).to.match(/^WARN \/dev\/fd\/\d+ cannot be rotated, its maxbytes is ignored/);
  });

  it("goes to the system's log line by line, each with its level and time", () => {
    const lines: string[] = [];
    const syslog = { write: (line: Uint8Array) => void lines.push(Buffer.from(line).toString()) };
    openLogger({ file: null, syslog }).info('a\n\nb\n\n');
    expect(lines.map((line) => line.slice(24))).to.deep.equal(['INFO a\n', 'INFO \n', 'INFO b\n']);
    expect(lines.every((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /.test(line))).to.equal(true);
  });

  it("takes no seconds to bring thousands of line ends to the system's log", () => {
    let count = 0;
    const began = performance.now();
    openLogger({ file: null, syslog: { write: () => (count += 1) } }).info(`${'\n'.repeat(100_000)}x`);
    expect(count).to.equal(100_001);
    expect(performance.now() - began).to.be.lessThan(5000);
  });

  it('says elsewhere that its file cannot be written', () => {
    useConsole((console) => {
      const logger = openLogger({ console, file: { path: '/dev/full', maxBytes: 0, backups: 0 } });
      logger.info('a');
      logger.info('b');
      logger.close();
    });
    expect(linesOf('stdout')).to.have.members([
      'WARN cannot write to /dev/full: ENOSPC, what is written meanwhile is lost',
      'INFO a',
      'INFO b',
      'WARN /dev/full is closed, 62 bytes were lost',
    ]);
  });

  it('says in the old file that it is reopened, and goes on in the new one', () => {
    const logger = openLogger();
    unlinkSync(at('x.log'));
    writeFileSync(at('x.log'), '');
    logger.reopen();
    logger.info('a');
    expect(linesOf('x.log')).to.deep.equal(['INFO a']);
  });

  it('is empty after clearing', () => {
    const logger = openLogger();
    logger.info('a');
    logger.clear();
    expect(linesOf('x.log')).to.deep.equal([]);
    logger.info('b');
    expect(linesOf('x.log')).to.deep.equal(['INFO b']);
  });

  it('cannot be cleared when its file is missing', () => {
    const logger = openLogger();
    unlinkSync(at('x.log'));
    expect(() => logger.clear()).to.throw(Fault, 'NO_FILE');
    expect(() => openLogger({ file: null }).clear()).to.throw(Fault, 'NO_FILE');
  });

  it('cannot be opened where its file cannot', () => {
    expect(() => openLogger({ file: { path: at('no/x.log'), maxBytes: 0, backups: 0 } }))
      .to.throw()
      .with.property('code', 'ENOENT');
  });
});

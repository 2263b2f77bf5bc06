// A child's output on its way through a real pipe into a log file: nothing is lost, nothing changes its order.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { LogFile } from '../../src/logs/log-file.ts';
import { Output, SharedReading } from '../../src/logs/output.ts';
import type { OutputOptions } from '../../src/logs/output.ts';
import { makePipe, readPipe } from '../support/real-pipe.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const children = join(import.meta.dirname, '../fixtures/children');
const recordBytes = 4096;
const shared = new SharedReading(systemClock);

/** A child whose stdout is a pipe that an Output reads. */
function startChild(argv: readonly [string, ...string[]], sinks: Omit<OutputOptions, 'fd' | 'shared'>): Started {
  const pipe = makePipe();
  const child = spawn(argv[0], argv.slice(1), { stdio: ['pipe', pipe.writeEnd, 'inherit'] });
  closeSync(pipe.writeEnd);
  return { child, output: new Output({ ...sinks, shared, fd: pipe.readEnd }), exited: once(child, 'exit') };
}

interface Started {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly exited: Promise<unknown[]>;
}

describe('output of a child', () => {
  const at = useTempFolder();

  for (const { title, maxBytes, backups, megabytes } of [
    { title: 'without rotation', maxBytes: 0, backups: 0, megabytes: 200 },
    { title: 'over twenty rotations', maxBytes: 10_000_000, backups: 30, megabytes: 200 },
  ]) {
    it(`arrives whole and in order, 200 MB ${title}`, async () => {
      const count = (megabytes * 1_000_000) / recordBytes;
      const log = new LogFile({ path: at('x.log'), maxBytes, backups, clock: systemClock });
      await new Promise<void>((resolve) => {
        startChild(
          [process.execPath, join(children, 'writes-records.cjs'), String(Math.floor(count)), String(recordBytes)],
          { write: (bytes) => log.write(bytes), onEnd: resolve },
        );
      });
      log.close();
      const files = logFiles(at('x.log'));
      expect(checkRecords(files)).to.equal(Math.floor(count));
      if (maxBytes === 0) return;
      expect(files.length).to.be.greaterThan(19);
      for (const file of files.slice(0, -1)) expect(statSync(file).size).to.be.within(maxBytes, maxBytes + 65_535);
    });
  }

  it('is all there at once after its death, while a grandchild still holds the pipe', async () => {
    let text = '';
    let ended = 0;
    const script = 'sleep 0.7 & printf "%01000d" 7; printf tail';
    const { output, exited } = startChild(['sh', '-c', script], {
      write: (bytes) => void (text += bytes.toString()),
      onEnd: () => void (ended += 1),
    });
    await exited;
    output.drain();
    expect(text).to.have.length(1004);
    expect(ended).to.equal(0);
    await waitUntil(() => ended > 0, { what: 'the end of the pipe' });
    expect(ended).to.equal(1);
  });

  it('of a grandchild arrives as well', async () => {
    let text = '';
    let isOver = false;
    const { output, exited } = startChild(['sh', '-c', '{ sleep 0.2; echo late; } & echo soon'], {
      write: (bytes) => void (text += bytes.toString()),
      onEnd: () => void (isOver = true),
    });
    await exited;
    output.drain();
    expect(text).to.equal('soon\n');
    await waitUntil(() => isOver, { what: 'the end of the pipe' });
    expect(text).to.equal('soon\nlate\n');
  });

  it('ends within drain when nobody else holds the pipe', async () => {
    let ended = 0;
    const { output, exited } = startChild(['true'], { write: () => {}, onEnd: () => void (ended += 1) });
    await exited;
    output.drain();
    output.drain();
    expect(ended).to.equal(1);
    await delay(50);
    expect(ended).to.equal(1);
  });

  it('does not end when it is given up', async () => {
    let ended = 0;
    const { child, output, exited } = startChild(['sh', '-c', 'read line; echo too late'], {
      write: () => expect.fail('nothing may arrive any more'),
      onEnd: () => void (ended += 1),
    });
    output.close();
    output.close();
    output.drain();
    child.stdin?.end('go\n');
    await exited;
    await delay(50);
    expect(ended).to.equal(0);
  });

  it('stays in the pipe while it is paused, so that the child waits', async () => {
    let received = 0;
    let isOver = false;
    const { output } = startChild([process.execPath, join(children, 'writes-records.cjs'), '100', '4096'], {
      write: (bytes) => {
        received += bytes.length;
        if (received === bytes.length) output.pause('log');
      },
      onEnd: () => void (isOver = true),
    });
    await waitUntil(() => received > 0, { what: 'the first output' });
    const first = received;
    await delay(200);
    expect(received).to.equal(first);
    output.resume('log');
    await waitUntil(() => isOver, { what: 'the end of the pipe' });
    expect(received).to.equal(409_600);
  });

  for (const delivery of ['coalesced', 'at-once'] as const) {
    it(`arrives line by line soon after it was written, ${delivery}`, async () => {
      let text = '';
      let isOver = false;
      const { child } = startChild(['cat'], {
        delivery,
        write: (bytes) => void (text += bytes.toString()),
        onEnd: () => void (isOver = true),
      });
      for (let line = 1; line <= 20; line += 1) {
        child.stdin?.write(`${line}\n`);
        await waitUntil(() => text.endsWith(`${line}\n`), { what: `line ${line}`, everyMs: 2, deadlineMs: 5000 });
      }
      child.stdin?.end();
      await waitUntil(() => isOver, { what: 'the end of the pipe' });
    });
  }

  it('into a full FIFO waits there, says so, and arrives whole when somebody reads', async () => {
    const pipe = makePipe();
    const pressure: boolean[] = [];
    const log = new LogFile({
      path: `/proc/self/fd/${pipe.writeEnd}`,
      clock: systemClock,
      maxBytes: 0,
      backups: 0,
      onPressure: (waiting) => {
        pressure.push(waiting);
        if (waiting) output.pause('log');
        else output.resume('log');
      },
    });
    let isOver = false;
    const { output } = startChild([process.execPath, join(children, 'writes-records.cjs'), '1000', '4096'], {
      write: (bytes) => log.write(bytes),
      onEnd: () => void (isOver = true),
    });
    await waitUntil(() => pressure.length > 0, { what: 'a full pipe' });
    await delay(100);
    expect(pressure).to.deep.equal([true]);
    let received = 0;
    await waitUntil(
      () => {
        const bytes = readPipe(pipe.readEnd);
        received += bytes?.length ?? 0;
        return isOver && received === 4_096_000;
      },
      { what: () => `4096000 bytes, there are ${received}`, everyMs: 1 },
    );
    log.close();
    closeSync(pipe.readEnd);
    closeSync(pipe.writeEnd);
    expect(pressure.at(-1)).to.equal(false);
  });
});

/** A log and its backups, the oldest first. */
function logFiles(path: string): string[] {
  const numbers = readdirSync(dirname(path)).map((name) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0));
  return numbers.toSorted((a, b) => b - a).map((number) => (number === 0 ? path : `${path}.${number}`));
}

/** Holds each record against what writes-records.cjs writes; answers how many there are. */
function checkRecords(files: readonly string[]): number {
  const expected = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index).repeat(recordBytes - 12));
  const bodies = expected.map((letters) => Buffer.from(` ${letters}\n`));
  let number = 0;
  let rest = Buffer.alloc(0);
  for (const file of files) {
    const bytes = Buffer.concat([rest, readFileSync(file)]);
    let start = 0;
    for (; start + recordBytes <= bytes.length; start += recordBytes) {
      const isRight =
        Number(bytes.toString('latin1', start, start + 10)) === number &&
        bodies[number % 26]?.equals(bytes.subarray(start + 10, start + recordBytes));
      if (isRight !== true) throw new Error(`record ${number} is not what was written, in ${file} near ${start}`);
      number += 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  }
  expect(rest.length, 'bytes after the last record').to.equal(0);
  return number;
}

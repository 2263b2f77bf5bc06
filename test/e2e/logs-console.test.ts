// The container's stdout when nobody reads it for a while: supervision goes on, the newest messages survive, and what
// was dropped is said where it is missing, with the right number.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../src/base/clock.ts';
import { ConsoleSink } from '../../src/logs/console.ts';
import { closePipe, makePipe, readPipe } from '../support/real-pipe.ts';
import type { RealPipe } from '../support/real-pipe.ts';
import { waitUntil } from '../support/wait-until.ts';
import { watchLoop } from '../support/watch-loop.ts';

/** The longest that the loop may stand still: some 10 ms, and what a busy machine adds. A write that blocks has no end here. */
const standstillMs = 1000;

describe("the container's stdout", () => {
  let pipe: RealPipe;
  let sink: ConsoleSink;

  beforeEach(() => {
    pipe = makePipe();
    sink = new ConsoleSink({ fd: pipe.writeEnd, clock: systemClock });
  });

  afterEach(() => {
    sink.close();
    closePipe(pipe);
  });

  function write(from: number, to: number): void {
    for (let number = from; number < to; number += 1) sink.write(messageOf(number));
  }

  it('takes a message at once while somebody reads', () => {
    write(0, 3);
    expect(readPipe(pipe.readEnd)?.toString()).to.equal([0, 1, 2].map((number) => String(messageOf(number))).join(''));
  });

  it('never holds up the loop when nobody reads, and says what was dropped', async () => {
    const watch = watchLoop();
    for (let number = 0; number < 40_000; number += 100) {
      write(number, number + 100);
      await delay(1);
    }
    expect(watch.stop()).to.be.below(standstillMs);
    const received = await readUntil(pipe, 39_999);
    const { messages, dropped } = checkMessages(received);
    expect(messages + dropped).to.equal(40_000);
    expect(dropped).to.be.greaterThan(30_000);
    // 64 KiB in the pipe and 256 KiB in the queue.
    expect(messages * messageOf(0).length).to.be.within(300_000, 340_000);
  });

  it('loses nothing when the reader is only late', async () => {
    write(0, 2500);
    await delay(300);
    expect(checkMessages(await readUntil(pipe, 2499))).to.deep.equal({ messages: 2500, dropped: 0 });
  });

  it('goes on as before when the reader came back', async () => {
    write(0, 10_000);
    await readUntil(pipe, 9999);
    write(10_000, 10_010);
    const received = readPipe(pipe.readEnd)?.toString() ?? '';
    expect(received.split('\n')).to.have.length(11);
  });

  it('is left as it is for children: the shared descriptor stays blocking', () => {
    write(0, 10_000);
    const flags = /flags:\s*([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${pipe.writeEnd}`, 'utf8'))?.[1] ?? '';
    expect(Number.parseInt(flags, 8) & 0o4000).to.equal(0);
  });

  it('delays the end of the process by 200 ms at most', () => {
    write(0, 10_000);
    const start = performance.now();
    sink.close();
    expect(performance.now() - start).to.be.within(150, 2000);
  });

  it('has everything before the end when the reader reads', async () => {
    const { stdout, stderr, code } = await runWriter({ count: 20_000, silenceMs: 0 });
    expect(code).to.equal(0);
    expect(Number(stderr)).to.be.below(standstillMs);
    const { messages, dropped } = checkMessages(stdout);
    expect(messages + dropped).to.equal(20_000);
  });

  it('may be a socket, which cannot be opened anew', async () => {
    const { stdout, stderr, code } = await runWriter({ count: 20_000, silenceMs: 3000 });
    expect(code).to.equal(0);
    expect(Number(stderr)).to.be.below(standstillMs);
    const { messages, dropped } = checkMessages(stdout);
    expect(messages + dropped).to.equal(20_000);
    expect(dropped).to.be.greaterThan(1000);
  });
});

/** A process of its own that writes to its stdout, a socket here, which is not read for so long. */
async function runWriter(order: { readonly count: number; readonly silenceMs: number }): Promise<Outcome> {
  const script = join(import.meta.dirname, '../fixtures/writes-to-console.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(order.count)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stderr = text(child.stderr);
  await delay(order.silenceMs);
  const stdout = await text(child.stdout);
  const [code] = await exited;
  return { stdout, stderr: await stderr, code: Number(code) };
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

function messageOf(number: number): Buffer {
  return Buffer.from(`message ${number} ${'-'.repeat(80)}\n`);
}

/** Reads until the message of this number has arrived. */
async function readUntil(pipe: RealPipe, last: number): Promise<string> {
  let received = '';
  await waitUntil(
    () => {
      received += readPipe(pipe.readEnd)?.toString() ?? '';
      return received.endsWith(String(messageOf(last)));
    },
    { what: `message ${last}` },
  );
  return received;
}

/** Checks that the numbers go on where they should: one by one, but for gaps that say how big they are. */
function checkMessages(received: string): { messages: number; dropped: number } {
  let next = 0;
  let messages = 0;
  let dropped = 0;
  for (const line of received.split('\n').slice(0, -1)) {
    const note = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARN (\d+) messages dropped$/.exec(line);
    if (note === null) {
      expect(`${line}\n`).to.equal(String(messageOf(next)));
      next += 1;
      messages += 1;
    } else {
      next += Number(note[1]);
      dropped += Number(note[1]);
    }
  }
  return { messages, dropped };
}

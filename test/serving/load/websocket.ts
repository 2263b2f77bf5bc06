// One WebSocket from its upgrade to its close (RFC 6455), as a client that checks every echo.
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AnswerReader } from './answer-reader.ts';
import type { Loss } from './connection.ts';

/** Sends so many messages, each after the echo of the one before; null when all came back and the close was answered. */
export async function holdWebSocket(order: {
  port: number;
  id: string;
  messages: number;
  pauseMs: number;
  timeoutMs: number;
}): Promise<Loss | null> {
  const { port, id, messages, pauseMs, timeoutMs } = order;
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  const incoming = new Incoming(socket, timeoutMs);
  let begun = false;
  try {
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /ws/${id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    const reader = new AnswerReader();
    let answer = null;
    while (answer === null) answer = reader.push(await incoming.some());
    if (answer.status !== 101) return { lost: `status ${answer.status}`, begun };
    if (answer.headers.get('sec-websocket-accept') !== acceptOf(key)) return { lost: 'a wrong accept', begun };
    begun = true;
    incoming.unread(reader.rest);
    for (let number = 0; number < messages; number += 1) {
      const text = `${id} ${number}`;
      socket.write(frame(0x1, text));
      const { opcode, payload } = await incoming.frame();
      if (opcode === 0x8) return null;
      if (opcode !== 0x1 || payload !== text) return { lost: `another echo: ${opcode} ${payload.slice(0, 60)}`, begun };
      await delay(pauseMs);
    }
    socket.write(frame(0x8, '\x03\xe8'));
    const { opcode } = await incoming.frame();
    return opcode === 0x8 ? null : { lost: `no close but ${opcode}`, begun };
  } catch (error) {
    return { lost: error instanceof Error ? error.message : String(error), begun };
  } finally {
    socket.destroy();
  }
}

/** What a socket brings, waited for; throws when it ends or is silent. */
class Incoming {
  #bytes: Buffer = Buffer.alloc(0);
  #over: string | null = null;
  #wake: () => void = () => undefined;

  constructor(socket: net.Socket, timeoutMs: number) {
    const end = (why: string): void => {
      this.#over ??= why;
      this.#wake();
    };
    socket.setTimeout(timeoutMs, () => end(`silent for ${timeoutMs} ms`));
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    socket.on('error', (error) => end('code' in error ? String(error.code) : error.message));
    socket.on('end', () => end('closed'));
    socket.on('close', () => end('closed'));
  }

  async some(): Promise<Buffer> {
    while (this.#bytes.length === 0) await this.#more();
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return bytes;
  }

  unread(bytes: Buffer): void {
    this.#bytes = Buffer.concat([bytes, this.#bytes]);
  }

  /** A frame of a server: unmasked, here always short. */
  async frame(): Promise<{ opcode: number; payload: string }> {
    const length = (): number => (this.#bytes[1] ?? 0) & 0x7f;
    while (this.#bytes.length < 2 || this.#bytes.length < 2 + length()) await this.#more();
    const opcode = (this.#bytes[0] ?? 0) & 0x0f;
    const payload = this.#bytes.toString('latin1', 2, 2 + length());
    this.#bytes = this.#bytes.subarray(2 + length());
    return { opcode, payload };
  }

  async #more(): Promise<void> {
    if (this.#over !== null) throw new Error(this.#over);
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

function frame(opcode: number, payload: string): Buffer {
  const mask = randomBytes(4);
  const body = Buffer.from(payload, 'latin1').map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | body.length]), mask, body]);
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

// One connection that is kept, over which the same request is made again and again; the cheapest client that there can be, so
// that the server is what is measured.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { writeCall } from '../../src/rpc/xmlrpc.ts';
import { nowMs } from './records.ts';

/** The bytes of an XML-RPC request. */
export function requestOf(method: string, { http = '1.1' }: { http?: '1.0' | '1.1' } = {}): Buffer {
  const body = Buffer.from(writeCall(method, []));
  const head = `POST /RPC2 HTTP/${http}\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

export class KeptConnection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
  }

  static async open(path: string): Promise<KeptConnection> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new KeptConnection(socket);
  }

  /** The whole answer, head included. */
  ask(request: Buffer, { deadlineMs = 60_000 }: { deadlineMs?: number } = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let missing = -1;
      const finish = (error: Error | null): void => {
        clearTimeout(timer);
        this.#socket.off('data', take).off('close', closed);
        if (error === null) resolve(Buffer.concat(chunks));
        else reject(error);
      };
      const closed = (): void => finish(new Error('the server hung up'));
      const timer = setTimeout(() => finish(new Error(`no answer for ${deadlineMs} ms`)), deadlineMs);
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (missing < 0) {
          // Only the first chunks are searched: the head is short.
          const whole = Buffer.concat(chunks);
          const end = whole.indexOf('\r\n\r\n');
          if (end < 0) return;
          const length = /content-length: *(\d+)/i.exec(whole.toString('latin1', 0, end))?.[1];
          missing = Number(length) + end + 4 - whole.length;
        } else {
          missing -= chunk.length;
        }
        if (missing === 0) finish(null);
      };
      this.#socket.on('data', take).on('close', closed);
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Milliseconds of one call after the other, until the time is over; at least three. */
export async function timeCalls(
  connection: KeptConnection,
  order: { request: Buffer; forMs: number },
): Promise<number[]> {
  const latencies: number[] = [];
  for (const until = nowMs() + order.forMs; nowMs() < until || latencies.length < 3;) {
    const before = nowMs();
    await connection.ask(order.request);
    latencies.push(nowMs() - before);
  }
  return latencies;
}

/** Answers a second to clients that ask at the same time, each over a connection of its own. */
export async function rateOf(
  path: string,
  order: { request: Buffer; forMs: number; clients: number },
): Promise<number> {
  const connections = await Promise.all(Array.from({ length: order.clients }, () => KeptConnection.open(path)));
  const before = nowMs();
  const counts = await Promise.all(connections.map((connection) => timeCalls(connection, order)));
  const seconds = (nowMs() - before) / 1000;
  for (const connection of connections) connection.close();
  return counts.flat().length / seconds;
}

// A load balancer as stands in front of containers: each request goes to the next backend whose /readyz answers 200, over
// connections that are kept open; it never tries again, so what a backend loses is seen.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Backend {
  readonly port: number;
  /** Answers what its /readyz says; false when nobody answers. */
  isReady(): Promise<boolean>;
}

interface Place {
  readonly backend: Backend;
  readonly agent: http.Agent;
  ready: boolean;
}

const lookEveryMs = 200;

export class Balancer {
  readonly #server: http.Server;
  readonly #looking: NodeJS.Timeout;
  readonly #upgraded = new Set<Duplex>();
  #places: readonly Place[] = [];
  #turn = 0;

  private constructor() {
    this.#server = http.createServer({ keepAliveTimeout: 70_000, requestTimeout: 0 }, (request, response) =>
      this.#pass(request, response),
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#join(request, { socket, head }),
    );
    this.#looking = setInterval(() => void this.look(), lookEveryMs);
  }

  static async start(): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  /** Takes these backends in place of those before; each gets requests once it is ready. */
  async use(backends: readonly Backend[]): Promise<void> {
    const kept = (backend: Backend): Place | undefined => this.#places.find((place) => place.backend === backend);
    this.#places = backends.map(
      (backend) => kept(backend) ?? { backend, agent: new http.Agent({ keepAlive: true }), ready: false },
    );
    await this.look();
  }

  readyCount(): number {
    return this.#places.filter(({ ready }) => ready).length;
  }

  async look(): Promise<void> {
    await Promise.all(
      this.#places.map(async (place) => {
        place.ready = await place.backend.isReady();
      }),
    );
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    for (const { agent } of this.#places) agent.destroy();
  }

  #next(): Place | undefined {
    const ready = this.#places.filter((place) => place.ready);
    this.#turn += 1;
    return ready[this.#turn % ready.length];
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const place = this.#next();
    if (place === undefined) return fail(response, 503);
    const { method = 'GET', url: path = '/', headers } = request;
    const { port } = place.backend;
    const outgoing = http.request({ host: '127.0.0.1', port, method, path, headers, agent: place.agent }, (answer) => {
      const { connection: _connection, 'keep-alive': _keepAlive, ...others } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, others);
      answer.pipe(response);
      answer.once('close', () => {
        if (!answer.complete) response.destroy();
      });
    });
    outgoing.once('error', () => (response.headersSent ? response.destroy() : fail(response, 502)));
    request.pipe(outgoing);
  }

  #join(request: IncomingMessage, { socket, head }: { socket: Duplex; head: Buffer }): void {
    const place = this.#next();
    if (place === undefined) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const backend: Socket = net.connect({ host: '127.0.0.1', port: place.backend.port });
    this.#upgraded.add(socket).add(backend);
    for (const [one, other] of [
      [socket, backend],
      [backend, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => {
        other.destroy();
        this.#upgraded.delete(one);
      });
    }
    const lines = request.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    backend.write(`GET ${request.url} HTTP/1.1\r\n${lines}\r\n`);
    backend.write(head);
    socket.pipe(backend);
    backend.pipe(socket);
  }
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}

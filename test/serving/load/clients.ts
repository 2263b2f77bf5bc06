// The clients of a load: each sends one request after the other until the load is over.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { Kind, Plan } from './plan.ts';
import { makeRequest, type RequestKind, wrongWith } from './requests.ts';
import type { Tally } from './tally.ts';
import { holdWebSocket } from './websocket.ts';

/** A load under way. */
export interface Running {
  readonly plan: Plan;
  readonly tally: Tally;
  /** Set to end: what is in flight is still waited for. */
  stop: boolean;
}

/** Runs all clients of the plan to their end. */
export async function runClients(running: Running): Promise<void> {
  const { keepAlive, fresh = 0, websocket = 0 } = running.plan.connections;
  const ids = new Ids(running);
  await Promise.all([
    ...Array.from({ length: keepAlive }, () => requestAgain(running, { ids, close: false })),
    ...Array.from({ length: fresh }, () => requestAgain(running, { ids, close: true })),
    ...Array.from({ length: websocket }, () => talkAgain(running, ids)),
  ]);
}

/** Numbers the requests, and says when there are to be no more. */
class Ids {
  readonly #running: Running;
  readonly #run = randomBytes(3).toString('hex');
  readonly #kinds: readonly RequestKind[];
  #count = 0;

  constructor(running: Running) {
    this.#running = running;
    this.#kinds = spread(running.plan.mix);
  }

  next(): { number: number; id: string; kind: RequestKind } | null {
    const { plan, stop } = this.#running;
    if (stop || this.#count >= (plan.total ?? Infinity)) return null;
    const number = this.#count;
    this.#count += 1;
    return { number, id: `${this.#run}-${number}`, kind: this.#kinds[number % this.#kinds.length] ?? 'plain' };
  }
}

/** Each kind as often as it weighs, none all at once. */
function spread(mix: Plan['mix']): RequestKind[] {
  const weights = kinds.map((kind) => ({ kind, weight: mix[kind] ?? 0 })).filter(({ weight }) => weight > 0);
  const places = weights.flatMap(({ kind, weight }) =>
    Array.from({ length: weight }, (_, index) => ({ kind, place: (index + 0.5) / weight })),
  );
  return places.toSorted((a, b) => a.place - b.place).map(({ kind }) => kind);
}

const kinds: readonly RequestKind[] = ['plain', 'chunked', 'slow', 'post', 'upload'];

async function requestAgain(running: Running, { ids, close }: { ids: Ids; close: boolean }): Promise<void> {
  const { plan, tally } = running;
  const { port, slowMs = 200, timeoutMs = 60_000, pauseMs = 0 } = plan;
  const open = (): Connection => new Connection({ port, timeoutMs });
  let connection: Connection | null = null;
  for (let next = ids.next(); next !== null; next = ids.next()) {
    const request = makeRequest(next.kind, { ...next, slowMs, close });
    const begunMs = performance.now();
    const sentAt = Date.now();
    if (connection === null || !connection.usable) connection = open();
    let reused = connection.used;
    let outcome = await connection.exchange(request.pieces);
    if ('lost' in outcome && plan.retryReused === true && reused && !outcome.begun) {
      tally.retried += 1;
      connection = open();
      reused = false;
      outcome = await connection.exchange(request.pieces);
    }
    const wrong = 'lost' in outcome ? outcome.lost : wrongWith(outcome, request);
    if (wrong === null && !('lost' in outcome)) {
      const tookMs = performance.now() - begunMs - (next.kind === 'slow' ? slowMs : 0);
      tally.answer(next.kind, { tookMs, worker: outcome.headers.get('x-worker') ?? null });
    } else {
      const begun = 'lost' in outcome && outcome.begun;
      tally.failure({ kind: next.kind, id: next.id, reason: wrong ?? '', begun, reused, sentAt, failedAt: Date.now() });
      // A front that is down would be asked, and counted, thousands of times a second.
      await delay(10);
    }
    if (pauseMs > 0) await delay(pauseMs);
  }
  connection?.destroy();
}

/** About half a second each. */
const session = { messages: 20, pauseMs: 25 };

async function talkAgain(running: Running, ids: Ids): Promise<void> {
  const { port, timeoutMs = 60_000 } = running.plan;
  const kind: Kind = 'websocket';
  for (let next = ids.next(); next !== null; next = ids.next()) {
    const sentAt = Date.now();
    const loss = await holdWebSocket({ port, id: next.id, ...session, timeoutMs });
    if (loss === null) {
      running.tally.answer(kind, { tookMs: null, worker: null });
    } else {
      const { lost: reason, begun } = loss;
      running.tally.failure({ kind, id: next.id, reason, begun, reused: false, sentAt, failedAt: Date.now() });
      await delay(10);
    }
  }
}

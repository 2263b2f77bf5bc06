// The wire to the daemon: XML-RPC calls and log streams over a unix socket or TCP, with Basic authentication.
// One connection is kept for all calls of a command; a log stream has its own. node:http loads at the first call.
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { errorCode, isSystemError } from '../base/system-error.ts';
import { corevisorVersion } from '../base/version.ts';
import { readResult, writeCall } from '../rpc/xmlrpc.ts';
import type { XmlRpcValue } from '../rpc/xmlrpc.ts';
import { endpointOf } from './address.ts';
import type { Address } from './address.ts';
import { ConnectionError, NamedError, StatusError } from './client-errors.ts';

/** How a log stream ended. */
export type StreamEnd =
  | { readonly is: 'closed' }
  | { readonly is: 'refused'; readonly status: number }
  | { readonly is: 'failed'; readonly error: unknown };

/** A log stream that goes on until the server ends it or `stop` is called. */
export interface Stream {
  readonly ended: Promise<StreamEnd>;
  stop(): void;
}

/** An open line to one daemon. */
export interface Client {
  /** Throws XmlRpcFault, ConnectionError, StatusError, or NamedError for an address or an answer that cannot be read. */
  call(method: string, params?: readonly XmlRpcValue[]): Promise<XmlRpcValue>;
  /** Follows an address such as `/mainlogtail`. */
  follow(path: string, onBytes: (bytes: Buffer) => void): Stream;
  /** One GET; throws as `call`, and a ConnectionError when there is no answer within `timeoutMs`. */
  get(path: string, timeoutMs: number): Promise<{ readonly status: number; readonly body: string }>;
  close(): void;
}

/** Names a daemon to talk to; nothing is opened before the first call. */
export function connect(address: Address): Client {
  const stops = new Set<() => void>();
  let kept: Http | null = null;
  const http = (): Http => (kept ??= openHttp());

  return {
    async call(method, params = []) {
      const endpoint = endpointOf(address.serverurl);
      const body = Buffer.from(writeCall(method, params));
      const { request, agent } = http();
      const options: RequestOptions = {
        ...endpoint,
        ...noServerName,
        agent,
        method: 'POST',
        path: '/RPC2',
        headers: {
          ...headersFor(address, address.password !== null),
          'Content-Type': 'text/xml',
          Accept: 'text/xml',
          'Content-Length': body.length,
        },
      };
      const response = await answer(request(options), body);
      const bytes = await readAll(response);
      if (response.statusCode !== 200) throw new StatusError(response.statusCode ?? 0, response.statusMessage ?? '');
      return readResult(bytes);
    },

    follow(path, onBytes) {
      const stopping = new AbortController();
      const stop = (): void => stopping.abort();
      stops.add(stop);
      const run = async (): Promise<StreamEnd> => {
        try {
          const { request, agent } = http();
          if (stopping.signal.aborted) return { is: 'closed' };
          // supervisorctl's stream client sends credentials only with a password that is not empty.
          const headers = headersFor(address, (address.password ?? '') !== '');
          const options = { ...endpointOf(address.serverurl), agent, path, headers, signal: stopping.signal };
          const response = await answer(request(options), null);
          if (response.statusCode !== 200) {
            response.destroy();
            return { is: 'refused', status: response.statusCode ?? 0 };
          }
          for await (const bytes of chunksOf(response)) onBytes(bytes);
          return { is: 'closed' };
        } catch (error) {
          // A daemon that goes away in the middle ends the stream, as for supervisorctl.
          const cut = errorCode(error) === 'ECONNRESET';
          return stopping.signal.aborted || cut ? { is: 'closed' } : { is: 'failed', error };
        } finally {
          stops.delete(stop);
        }
      };
      return { ended: run(), stop };
    },

    async get(path, timeoutMs) {
      const { request } = http();
      const signal = AbortSignal.timeout(timeoutMs);
      const options = {
        ...endpointOf(address.serverurl),
        agent: false,
        path,
        // Not needed by our own addresses, but by a proxy in front of them perhaps.
        headers: headersFor(address, address.password !== null),
        signal,
      };
      try {
        const response = await answer(request(options), null);
        return { status: response.statusCode ?? 0, body: (await readAll(response)).toString() };
      } catch (error) {
        throw signal.aborted ? new ConnectionError('', new Error(`no answer within ${timeoutMs / 1000} s`)) : error;
      }
    },

    close() {
      for (const stop of stops) stop();
      kept?.agent.destroy();
      kept = null;
    },
  };
}

/** Without it the agent works out a name for TLS, which costs milliseconds at start. */
const noServerName = { servername: '' };

interface Http {
  readonly request: (options: RequestOptions) => ClientRequest;
  readonly agent: Agent;
}

// node:http loads here, by getBuiltinModule, which spares the module loader that `import()` would start.
// Kept alive for streams too: to a client that says `Connection: close` supervisord sends a log in pieces of 64 KiB.
function openHttp(): Http {
  const { request, Agent } = process.getBuiltinModule('node:http');
  return { request, agent: new Agent({ keepAlive: true }) };
}

function headersFor({ username, password }: Address, withCredentials: boolean): Record<string, string> {
  const headers: Record<string, string> = { 'User-Agent': `corevisorctl/${corevisorVersion}` };
  if (withCredentials && username !== null && password !== null) {
    headers['Authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  return headers;
}

function answer(request: ClientRequest, body: Buffer | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    // `on`, not `once`: an error after the answer (an aborted stream) must find a listener too.
    request.on('error', (error) => reject(connectionError(error)));
    if (body === null) request.end();
    else request.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of chunksOf(response)) chunks.push(chunk);
  } catch (error) {
    if (errorCode(error) === 'ECONNRESET') throw incompleteRead(response, { chunks, cause: error });
    throw error instanceof Error ? connectionError(error) : error;
  }
  return Buffer.concat(chunks);
}

// The connection ended before the answer did: Python's error, which counts nothing for an answer in chunks.
function incompleteRead(
  { headers }: IncomingMessage,
  { chunks, cause }: { chunks: readonly Buffer[]; cause: unknown },
): Error {
  const length = headers['content-length'];
  const read = length === undefined ? 0 : Buffer.concat(chunks).length;
  const missing = length === undefined ? '' : `, ${Number(length) - read} more expected`;
  return new NamedError('http.client.IncompleteRead', `IncompleteRead(${read} bytes read${missing})`, { cause });
}

// Without an encoding set, a response gives nothing but Buffers.
function chunksOf(response: IncomingMessage): AsyncIterable<Buffer> {
  return response;
}

function connectionError(error: Error): Error {
  // With several addresses behind one name Node tries them all and throws them together; the last one speaks.
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  if (!(last instanceof Error)) return error;
  const code = isSystemError(last) ? last.code : '';
  if (code.startsWith('HPE_')) return new NamedError('http.client.BadStatusLine', last.message, { cause: last });
  if (code === 'ECONNRESET' && last.message === 'socket hang up') {
    const text = 'Remote end closed connection without response';
    return new NamedError('http.client.RemoteDisconnected', text, { cause: last });
  }
  return new ConnectionError(code, last);
}

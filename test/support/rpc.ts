// XML-RPC to a daemon over its unix or inet socket, one connection a call, as supervisorctl does it.
import http from 'node:http';
import { readResult, writeCall, type XmlRpcValue } from '../../src/rpc/xmlrpc.ts';

/** Where a daemon listens; `auth` is `user:password`. */
export interface Address {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly auth?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Calls a method and returns its value; a fault is thrown by the codec, an HTTP error as `HTTP 401`. */
export async function callRpc(
  address: Address,
  call: { method: string; params?: XmlRpcValue[] },
): Promise<XmlRpcValue> {
  const body = Buffer.from(writeCall(call.method, call.params ?? []));
  const answer = await ask(address, { method: 'POST', path: '/RPC2', body });
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} to ${call.method}`);
  return readResult(answer.body.toString('utf8'));
}

/** One HTTP request, the whole answer. */
export function ask(
  address: Address,
  request: { method?: string; path: string; body?: Buffer; headers?: Record<string, string> },
): Promise<HttpAnswer> {
  const { method = 'GET', path, body, headers } = request;
  const contentHeaders = body === undefined ? {} : { 'Content-Type': 'text/xml', 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const options = { ...address, method, path, headers: { ...contentHeaders, ...headers }, agent: false };
    const outgoing = http.request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

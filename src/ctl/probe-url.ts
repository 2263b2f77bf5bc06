// One GET of any http:// or https:// URL, for its status alone: the body is not read, however long it is, and a redirection is
// not followed. node:http or node:https loads here.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { corevisorVersion } from '../base/version.ts';

/** Throws Node's error when there is no answer, also when there is none within `timeoutMs`. Name and password may stand in it. */
export function statusOf(url: URL, timeoutMs: number): Promise<number> {
  const request = requestFor(url);
  return new Promise((resolve, reject) => {
    const options = { agent: false, headers: { 'User-Agent': `corevisorctl/${corevisorVersion}` } } as const;
    const asked = request(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    // With several addresses behind one name Node tries them all and throws them together; the last one speaks.
    asked.on('error', (error) => {
      const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
      reject(last instanceof Error ? last : error);
    });
    asked.on('close', () => clearTimeout(timer));
    asked.end();
  });
}

type Request = (url: URL, options: RequestOptions, onAnswer: (response: IncomingMessage) => void) => ClientRequest;

function requestFor({ protocol }: URL): Request {
  return protocol === 'https:'
    ? process.getBuiltinModule('node:https').request
    : process.getBuiltinModule('node:http').request;
}

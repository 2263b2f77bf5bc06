// What the service answers. Each response is JSON with a newline at its end, for people with curl.
import process from 'node:process';

/**
 * @param {object} parts
 * @param {import('./settings.js').Settings} parts.settings
 * @param {import('winston').Logger} parts.log
 * @param {() => number | null} parts.port the port that is really listened on
 * @returns {import('node:http').RequestListener}
 */
export function createHandler({ settings, log, port }) {
  const routes = new Map([
    ['/', () => ({ service: 'corevisor', process: settings.process, pid: process.pid, port: port() })],
    ['/healthz', () => ({ status: 'ok', uptime: Math.floor(process.uptime()) })],
  ]);

  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const route = routes.get(path);
    if (route === undefined) {
      answer(response, 404, { error: `nothing here: ${path}` });
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      answer(response, 405, { error: `cannot ${request.method} ${path}; accepted: GET, HEAD` });
    } else {
      answer(response, 200, route());
    }
    log.debug('request', { method: request.method, path, status: response.statusCode });
  };
}

/**
 * Node leaves the body out by itself where the request was a HEAD.
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {Readonly<Record<string, unknown>>} body
 */
function answer(response, status, body) {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

#!/usr/bin/env node
// One worker: reads its settings, listens, and says so in the log. Draining on SIGTERM is corevisor/worker's, imported
// first so that it knows the server from its first connection on.
// oxlint-disable-next-line import/no-unassigned-import -- it is imported for what it does
import 'corevisor/worker';
import http from 'node:http';
import { createHandler } from './lib/handler.js';
import { createLog } from './lib/log.js';
import { readSettings } from './lib/settings.js';

/** @param {import('winston').Logger} log */
function start(log) {
  const settings = readSettings(process.env);
  log.level = settings.logLevel;

  const server = http.createServer(createHandler({ settings, log, port: () => portOf(server) }));
  // Above the 60 s after which nginx drops an idle connection, so that it is never the worker who closes first.
  server.keepAliveTimeout = 70_000;
  server.on('error', (error) => {
    log.error(`cannot listen on ${settings.host}:${settings.port}: ${reasonOf(error)}`, { code: codeOf(error) });
    process.exitCode = 1;
  });
  server.on('listening', () => log.info('listening', { host: settings.host, port: portOf(server) }));
  server.on('close', () => log.info('stopped'));
  process.once('uncaughtException', (error) => {
    log.error('uncaught error', { error });
    process.exit(1);
  });
  server.listen(settings.port, settings.host);
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : null;
}

/** @param {NodeJS.ErrnoException} error */
function reasonOf(error) {
  if (error.code === 'EADDRINUSE') return 'another process listens there already';
  if (error.code === 'EACCES') return 'this user may not; ports below 1024 are often reserved for root';
  if (error.code === 'EADDRNOTAVAIL') return 'this machine has no such address';
  return error.message;
}

/** @param {NodeJS.ErrnoException} error */
function codeOf(error) {
  return error.code ?? error.name;
}

const log = createLog();
try {
  start(log);
} catch (error) {
  log.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

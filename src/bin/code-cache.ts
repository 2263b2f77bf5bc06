// Makes the code caches of corevisord and corevisorctl beside their bundles, for the Node that runs this: called by the
// build, and to be called once more wherever another Node will run them (docs/performance.md). V8 keeps what it has
// compiled, so both are run for real: a daemon with one program in a directory of its own, and one `status`.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import v8 from 'node:v8';
import { cacheFile, compile, moduleFunction } from './compiled.ts';

const timeoutMs = 20_000;

/** Runs the bundle in this process and keeps what was compiled by then: at SIGUSR1, or when it ends. */
function keepWhatRuns(path: string, argv: readonly string[]): void {
  // The flags that are set count as part of a cache: those of the start, not those that the bundle sets for itself.
  v8.setFlagsFromString = () => undefined;
  process.argv.splice(1, process.argv.length, path, ...argv);
  const text = readFileSync(path);
  const script = compile(path, { text });
  process.on('exit', (status) => {
    if (status === 0) keep(script, { path, text });
  });
  process.on('SIGUSR1', () => {
    keep(script, { path, text });
  });
  moduleFunction(script)(exports, require, module, path, __dirname);
}

/** Whole or not at all: something may start meanwhile. */
function keep(script: Script, { path, text }: { readonly path: string; readonly text: Buffer }): void {
  const draft = `${cacheFile(path)}.${process.pid}`;
  writeFileSync(draft, Buffer.concat([script.createCachedData(), text]));
  renameSync(draft, cacheFile(path));
}

async function makeCaches(): Promise<void> {
  const daemon = join(__dirname, 'corevisord.main.cjs');
  const client = join(__dirname, 'corevisorctl.main.cjs');
  for (const name of readdirSync(__dirname)) if (name.includes('.cache')) rmSync(join(__dirname, name));
  const place = mkdtempSync(join(tmpdir(), 'corevisor-'));
  const file = join(place, 'supervisord.conf');
  writeFileSync(file, configuration);
  const running = run([daemon, '-n', '-c', file]);
  try {
    await until(() => existsSync(join(place, 'sock')), running);
    await ended(run([client, '-c', file, 'status']));
    running.kill('SIGUSR1');
    await until(() => existsSync(cacheFile(daemon)), running);
  } finally {
    running.kill('SIGTERM');
    await ended(running);
    rmSync(place, { recursive: true });
  }
}

const configuration = `[unix_http_server]
file=%(here)s/sock
[supervisord]
logfile=%(here)s/log
pidfile=%(here)s/pid
childlogdir=%(here)s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/sock
[program:one]
command=/bin/cat
`;

/** This program, as the one that keeps what runs. */
function run(words: readonly string[]): ChildProcess {
  // Flags of V8 would be those of the cache too.
  const env = { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: '' };
  return spawn(process.execPath, [__filename, ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the daemon ended early');
    if (Date.now() > end) throw new Error('the daemon takes too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
}

const [, , path, ...argv] = process.argv;
if (path === undefined) {
  // Everything works without, a little later.
  makeCaches().catch((error: unknown) => console.warn(`corevisor: no code cache was made: ${String(error)}`));
} else {
  keepWhatRuns(path, argv);
}

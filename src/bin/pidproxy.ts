#!/usr/bin/env node
// `pidproxy PIDFILE COMMAND`, as supervisord's package has it: runs a command that puts the real program into the
// background, stays as long as the command does, and passes signals on to the pid in the program's pidfile. Texts and
// exit statuses are supervisord's (its pidproxy.py), which looks for the command's end every five seconds.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readInteger } from '../base/python-text.ts';
import { errorCode } from '../base/system-error.ts';
import { OutputClosed, writeAll } from '../ctl/screen.ts';

const passedOn = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const;

/** After passing these on there is nothing left to do. */
const last: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT']);

const [, name = 'pidproxy', file, command, ...words] = process.argv;
if (file === undefined || command === undefined) {
  say(`pidproxy -- runs a command and passes signals on to the pid in a file.

Usage: ${name} <pidfile name> <command> [<cmdarg1> ...]

TERM, HUP, INT, USR1, USR2 and QUIT go to the process whose pid is in the file; TERM, INT and QUIT also
end pidproxy, and so does the end of the command.
`);
  process.exit(1);
}
run({ pidfile: file, command, words });

function run(order: { pidfile: string; command: string; words: readonly string[] }): void {
  for (const signal of passedOn) process.on(signal, () => passOn(signal, order.pidfile));
  // A bare name is one in the current directory, as under supervisord, or else one in the PATH.
  const isPath = order.command.includes('/') || existsSync(order.command);
  const program = isPath ? resolve(order.command) : order.command;
  const child = spawn(program, order.words, { argv0: order.command, stdio: 'inherit' });
  child.on('error', (error) => {
    complain(`cannot run ${order.command}: ${errorCode(error)}`);
    process.exit(127);
  });
  // Whatever the command's own exit status is.
  child.on('exit', () => process.exit(0));
}

function passOn(signal: NodeJS.Signals, pidfile: string): void {
  const pid = readPid(pidfile);
  if (pid === null) return say(`Can't read child pidfile ${pidfile}!\n`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    complain(`cannot send ${signal} to process ${pid}: ${errorCode(error)}`);
    if (last.has(signal)) process.exit(1);
    return;
  }
  if (last.has(signal)) process.exit(0);
}

// Zero and negative numbers would be whole groups of processes, our own among them.
function readPid(pidfile: string): number | null {
  try {
    const pid = readInteger(readFileSync(pidfile, 'utf8'));
    return pid !== null && pid > 0 && pid < 2 ** 31 ? pid : null;
  } catch {
    return null;
  }
}

function say(text: string, descriptor = 1): void {
  try {
    writeAll(descriptor, text);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}

function complain(text: string): void {
  say(`pidproxy: ${text}\n`, 2);
}

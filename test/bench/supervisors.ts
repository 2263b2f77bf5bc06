// How each supervisor is told what to run, started in the foreground, asked and ended.
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Commands, Contender } from './contenders.ts';
import { programPath } from './tool.ts';

/** What is to run. */
export interface Fleet {
  readonly count: number;
  /** The tool's words: a mode and its arguments. */
  readonly words: readonly string[];
  /** For a supervisor with supervisord's file: further lines of the program's section, and sections after it. */
  readonly options?: string;
  readonly sections?: string;
}

/** Where it is to run. */
export interface Place {
  readonly folder: string;
  readonly tool: string;
  readonly commands: Commands;
}

export interface Supervisor {
  /** Writes what it needs into the folder; answers its command line. */
  prepare(place: Place, fleet: Fleet): readonly string[];
  /** Environment of its own. */
  readonly environment?: (place: Place) => Readonly<Record<string, string>>;
  /** What asks it to stop everything and end. */
  readonly stopSignal: NodeJS.Signals;
  /** The command that says how everything is. */
  readonly status?: (place: Place) => readonly string[];
}

const dist = (name: string): string => resolve(import.meta.dirname, '../../dist', name);

export const supervisors: Readonly<Record<Contender, Supervisor>> = {
  ours: {
    prepare: (place, fleet) => [process.execPath, dist('corevisord.cjs'), '-n', '-c', writeFile(place, fleet)],
    stopSignal: 'SIGTERM',
    status: ({ folder }) => [process.execPath, dist('corevisorctl.cjs'), '-c', fileIn(folder), 'status'],
  },
  supervisord: {
    prepare: (place, fleet) => [place.commands['supervisord'] ?? '', '-n', '-c', writeFile(place, fleet)],
    stopSignal: 'SIGTERM',
    status: ({ folder, commands }) => [commands['supervisorctl'] ?? '', '-c', fileIn(folder), 'status'],
  },
  s6: {
    prepare: (place, fleet) => [
      place.commands['s6-svscan'] ?? '',
      '-c',
      String(fleet.count + 10),
      writeServices(place, fleet),
    ],
    stopSignal: 'SIGTERM',
    status: ({ folder, commands }) => [
      '/bin/sh',
      '-c',
      `for service in ${servicesIn(folder)}/*; do ${commands['s6-svstat'] ?? ''} "$service"; done`,
    ],
  },
  runit: {
    prepare: (place, fleet) => [place.commands['runsvdir'] ?? '', '-P', writeServices(place, fleet)],
    stopSignal: 'SIGHUP',
    status: ({ folder, commands }) => ['/bin/sh', '-c', `exec ${commands['sv'] ?? ''} status ${servicesIn(folder)}/*`],
  },
  pm2: {
    prepare: (place, fleet) => [place.commands['pm2-runtime'] ?? '', 'start', writeEcosystem(place, fleet)],
    environment: ({ folder }) => ({ PM2_HOME: join(folder, 'pm2') }),
    stopSignal: 'SIGTERM',
    status: ({ commands }) => [commands['pm2'] ?? '', 'jlist'],
  },
  node: {
    prepare: ({ tool }, { count, words }) => {
      return [process.execPath, programPath('least-supervisor.cjs'), String(count), tool, ...words];
    },
    stopSignal: 'SIGTERM',
  },
  kernel: {
    prepare: ({ tool }, { count, words }) => [tool, 'keep', String(count), tool, ...words],
    stopSignal: 'SIGTERM',
  },
};

/** The socket of a supervisor with supervisord's file. */
export function socketIn(folder: string): string {
  return join(folder, 'supervisor.sock');
}

function fileIn(folder: string): string {
  return join(folder, 'supervisord.conf');
}

function servicesIn(folder: string): string {
  return join(folder, 'services');
}

/** One program with numprocs. More descriptors are asked for only where they are needed: not every machine grants them. */
function writeFile({ folder, tool }: Place, { count, words, options = '', sections = '' }: Fleet): string {
  const text = `[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
minfds=${Math.max(1024, 10 * count)}
[unix_http_server]
file=${socketIn(folder)}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${socketIn(folder)}
[program:child]
command=${[tool, ...words].join(' ')}
process_name=%(process_num)04d
numprocs=${count}
${options}
${sections}
`;
  writeFileSync(fileIn(folder), text);
  return fileIn(folder);
}

/** A service is a folder with an executable `run`. It gets no arguments: the scene's environment has the tool's words. */
function writeServices({ folder, tool }: Place, { count }: Fleet): string {
  for (let number = 0; number < count; number += 1) {
    const service = join(servicesIn(folder), String(number).padStart(4, '0'));
    mkdirSync(service, { recursive: true });
    symlinkSync(tool, join(service, 'run'));
  }
  // runsvdir puts off a folder of which it cannot tell whether it is still being filled in this very second.
  utimesSync(servicesIn(folder), 0, 0);
  return servicesIn(folder);
}

function writeEcosystem({ folder, tool }: Place, { count, words }: Fleet): string {
  const app = { name: 'child', script: tool, args: words, interpreter: 'none', exec_mode: 'fork', instances: count };
  const file = join(folder, 'ecosystem.config.cjs');
  writeFileSync(file, `module.exports = ${JSON.stringify({ apps: [app] })};\n`);
  return file;
}

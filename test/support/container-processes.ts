// Containers of the image that run a configuration of a test's own: the file, and what the daemon inside says of its
// processes, asked through the published port.
import type { XmlRpcValue } from '../../src/rpc/xmlrpc.ts';
import type { Container } from './container.ts';
import { callRpc } from './rpc.ts';
import { waitUntil } from './wait-until.ts';

/** Output that is passed straight through to the container's log. */
export const passThrough = `stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
stderr_logfile=/dev/stderr
stderr_logfile_maxbytes=0`;

/** A whole supervisord.conf for these programs. */
export function configWith(programs: string): string {
  return `[supervisord]
nodaemon=true
logfile=/dev/stdout
logfile_maxbytes=0
pidfile=/run/corevisor/supervisord.pid
childlogdir=/run/corevisor

[unix_http_server]
file=/run/corevisor/supervisor.sock

[supervisorctl]
serverurl=unix:///run/corevisor/supervisor.sock

[inet_http_server]
port=0.0.0.0:9001

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

${programs}
`;
}

/** What getAllProcessInfo answers, as far as tests look at it. */
export interface ContainerProcess {
  readonly name: string;
  readonly statename: string;
  readonly exitstatus: number;
  readonly pid: number;
  readonly spawnerr: string;
}

/** All processes of the daemon inside. */
export async function processesIn(container: Container): Promise<ContainerProcess[]> {
  const answer: unknown = await callInside(container, 'getAllProcessInfo');
  if (!Array.isArray(answer) || !answer.every(isProcess)) throw new Error(`no list: ${JSON.stringify(answer)}`);
  return answer;
}

/** Name, pid and state of each. */
export async function identities(container: Container): Promise<string[]> {
  return (await processesIn(container)).map(identity);
}

export function identity({ name, pid, statename }: ContainerProcess): string {
  return `${name} ${pid} ${statename}`;
}

/** A call of a supervisor method. */
export async function callInside(container: Container, method: string, ...params: XmlRpcValue[]): Promise<unknown> {
  return await callRpc(await container.address(9001), { method: `supervisor.${method}`, params });
}

/** Waits until all processes satisfy the condition, and answers what is known of them then. */
export async function processesOnce(
  container: Container,
  condition: (all: readonly ContainerProcess[]) => boolean,
  what: string,
): Promise<ContainerProcess[]> {
  let last: unknown = null;
  const look = async (): Promise<ContainerProcess[] | null> => {
    const all = await processesIn(container).catch((error: unknown) => {
      last = String(error);
      return null;
    });
    if (all === null) return null;
    last = all;
    return condition(all) ? all : null;
  };
  return await waitUntil(look, {
    what: () => `${what}; last there was ${JSON.stringify(last)}`,
    deadlineMs: 60_000,
    everyMs: 100,
  });
}

/** Waits until so many processes run. */
export async function runningProcesses(container: Container, count: number): Promise<ContainerProcess[]> {
  const running = (all: readonly ContainerProcess[]): boolean =>
    all.filter(({ statename }) => statename === 'RUNNING').length === count;
  return await processesOnce(container, running, `${count} running processes`);
}

/** Waits until so many processes are there and all have ended. */
export async function endedProcesses(container: Container, count: number): Promise<ContainerProcess[]> {
  const ended = (all: readonly ContainerProcess[]): boolean =>
    all.length === count && all.every(({ statename }) => statename === 'EXITED');
  return await processesOnce(container, ended, `the end of ${count} processes`);
}

/** Waits for a text in the container's log. */
export async function logged(container: Container, pattern: RegExp, times = 1): Promise<void> {
  const global = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
  await waitUntil(async () => ((await container.log()).match(global)?.length ?? 0) >= times, {
    what: `${times} of ${String(pattern)} in the log`,
    deadlineMs: 30_000,
    everyMs: 100,
  });
}

/** A file of /proc as the container's own user sees it; '' when there is none. */
export async function procFile(container: Container, path: string): Promise<string> {
  return (await container.exec('cat', `/proc/${path}`)).stdout;
}

function isProcess(value: unknown): value is ContainerProcess {
  return typeof value === 'object' && value !== null && 'statename' in value && 'exitstatus' in value;
}

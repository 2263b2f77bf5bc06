// What the watchdog costs the daemon: CPU of one core for so many processes that are asked every so many seconds, by http, by
// tcp, by a command, and for their memory, beside the same processes without any of it. The answers come from this process.
//   npm run --silent build && node --import tsx test/bench/health.ts [--processes 1000] [--seconds 60] [--interval 10] [--only http]
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    interval: { type: 'string', default: '10' },
    /** One of the cases below. */
    only: { type: 'string' },
  },
});
const processes = Number(values.processes);
const seconds = Number(values.seconds);
let answered = 0;
const server = createServer((_, response) => {
  answered += 1;
  response.end('ok');
});
await new Promise<void>((resolve) => {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve);
});
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const cases: Readonly<Record<string, string>> = {
  nothing: '',
  http: `health=http://127.0.0.1:${port}/healthz`,
  tcp: `health=tcp://127.0.0.1:${port}`,
  exec: 'health=exec:/bin/true',
  memory: 'memory_limit=1GB',
};
for (const [name, options] of Object.entries(cases)) {
  if (values.only === undefined || values.only === name) await measure(name, options);
}
server.close();

async function measure(name: string, options: string): Promise<void> {
  const daemon = await startDaemon('native', {
    config: `
[program:x]
command=/bin/sleep 100000
process_name=%(process_num)d
numprocs=${processes}
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
health_interval=${values.interval}
${options}
`,
  });
  try {
    await waitUntil(() => daemon.descendants().length >= processes, { what: 'all processes', deadlineMs: 120_000 });
    // Until all have been healthy once, and the start is forgotten.
    await delay(15_000);
    const before = { cpu: cpuSecondsOf(daemon.pid), answered, at: performance.now() };
    await delay(seconds * 1000);
    const wall = (performance.now() - before.at) / 1000;
    const cpu = cpuSecondsOf(daemon.pid) - before.cpu;
    const rate = ((answered - before.answered) / wall).toFixed(1);
    const share = ((100 * cpu) / wall).toFixed(2);
    process.stdout.write(`${name.padEnd(8)} ${share} % of a core over ${wall.toFixed(0)} s, ${rate} requests/s\n`);
  } finally {
    await daemon.stop();
  }
}

/** User and system time; the kernel counts in hundredths of a second. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

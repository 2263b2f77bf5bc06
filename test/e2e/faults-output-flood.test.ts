// Output as no terminal has it: a hundred megabytes without a line end, and every byte that there is. What listens to it is
// not harmed, memory stays bounded, and others are answered meanwhile.
import { readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { ask } from '../support/rpc.ts';
import { describeWith } from '../support/requirements.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWith(['koffi'], 'output like no other', () => {
  let daemon: Daemon;
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    daemon.discard();
  });

  function follow(name: string): Socket {
    const socket = connect(daemon.path('supervisor.sock'));
    sockets.push(socket);
    socket.write(`GET /logtail/${name} HTTP/1.1\r\n\r\n`);
    return socket;
  }

  it('may be 100 MB without a line end, for a log, listeners and followers: memory and delays stay small', async function () {
    this.timeout(60_000);
    const bytes = 100_000_000;
    daemon = await startDaemon('native', {
      config: `
[program:endless]
command=sh -c 'head -c ${bytes} /dev/zero | tr "\\\\0" x'
startsecs=0
autostart=false
autorestart=false
stdout_logfile=%(here)s/log
stdout_logfile_maxbytes=0
stdout_events_enabled=true
[eventlistener:hears]
command=sh -c 'echo READY; while read -r header; do head -c "$(echo "$header" | sed "s/.* len://")" >/dev/null; printf "RESULT 2\\\\nOKREADY\\\\n"; done'
events=PROCESS_LOG
stderr_logfile=NONE
[program:worker]
command=cat
startsecs=0
`,
    });
    await daemon.waitForState('hears', 'RUNNING');
    await daemon.waitForState('worker', 'RUNNING');
    await daemon.call('startProcess', 'endless');
    let followed = 0;
    follow('endless').on('data', (chunk) => (followed += chunk.length));
    follow('endless').pause();
    const before = memory(daemon.pid, 'VmRSS');
    let longest = 0;
    await waitUntil(
      async () => {
        const began = performance.now();
        const { statename } = await daemon.info('endless');
        longest = Math.max(longest, performance.now() - began);
        return statename === 'EXITED';
      },
      { what: 'its end', deadlineMs: 40_000, everyMs: 5 },
    );
    expect(statSync(daemon.path('log')).size).to.equal(bytes);
    const grown = memory(daemon.pid, 'VmHWM') - before;
    // 13 MB and 37 ms, on a quiet machine.
    expect(grown).to.be.below(80);
    expect(longest).to.be.below(5000);
    await waitUntil(() => followed > bytes / 2, {
      what: () => `a follower's part; it has ${followed}`,
      deadlineMs: 25_000,
    });
    await daemon.waitForState('worker', 'RUNNING');
    expect((await daemon.info('hears')).statename).to.equal('RUNNING');
  });

  it('may be all 256 bytes: they stand in the log as they came, and harm neither log, RPC, events, page nor followers', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const wrong = Buffer.from('c328e28028f0288cbcfeff0a', 'hex');
    const expected = Buffer.concat([all, wrong]);
    daemon = await startDaemon('native', {
      config: `
[supervisord]
loglevel=debug
[program:binary]
command=${process.execPath} -e "process.stdout.write(Buffer.from('${expected.toString('hex')}', 'hex')); setInterval(() => 0, 1e9)"
startsecs=0
stdout_logfile=%(here)s/log
stdout_events_enabled=true
[eventlistener:hears]
command=${process.execPath} ${child('listener.cjs')} %(here)s/events
events=PROCESS_LOG
`,
    });
    await waitUntil(() => statSync(daemon.path('log'), { throwIfNoEntry: false })?.size === expected.length, {
      what: 'its output',
    });
    expect(readFileSync(daemon.path('log')).equals(expected)).to.equal(true);
    await waitUntil(() => daemon.read('events') !== '', { what: 'the event' });
    for (const method of ['readProcessStdoutLog', 'tailProcessStdoutLog']) {
      // Whatever it answers: bytes have no place in XML.
      await daemon.call(method, 'binary', 0, 10_000).catch(() => undefined);
    }
    let followed = Buffer.alloc(0);
    follow('binary').on('data', (chunk) => (followed = Buffer.concat([followed, chunk])));
    await waitUntil(() => followed.includes(expected.subarray(0, 128)), { what: 'a follower' });
    expect((await ask(daemon.address, { path: '/tail.html?processname=binary' })).status).to.equal(200);
    const infos = await daemon.infos();
    expect(infos.map(({ statename }) => statename)).to.deep.equal(['RUNNING', 'RUNNING']);
    expect(daemon.messages.filter((line) => /^(CRIT unexpected|ERRO)/.test(line))).to.deep.equal([]);
  });
});

/** In mebibytes. */
function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1024;
}

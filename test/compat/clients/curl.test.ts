// curl, unmodified, on every address: against corevisord and against supervisord, which have to say the same, and the things
// that ours alone gets right (a followed log that is emptied, a body that waits to be asked for, HEAD).
import { createHash } from 'node:crypto';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { run } from '../../support/ctl.ts';
import { freePorts } from '../../support/free-port.ts';
import { modesUnderTest } from '../../support/modes.ts';
import { describeWith } from '../../support/requirements.ts';
import { child, startDaemon, type Daemon } from '../../support/run-supervisord.ts';
import { waitUntil } from '../../support/wait-until.ts';

const call = (method: string, ...values: readonly string[]): string => {
  const params = values.map((value) => `<param><value>${value}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
};

/** Words of a curl command after `curl -sS --max-time 20`; URL stands for the server with the password, SOCKET for the other's socket. */
interface Case {
  readonly what: string;
  readonly words: readonly string[];
}

const written = ['-w', '|%{http_code} %{content_type} %{num_connects}\\n'];
const login = ['-u', 'user:s:ecret'];
const same: readonly Case[] = [
  { what: 'a call', words: [...login, '-d', '@version.xml', 'URL/RPC2'] },
  { what: 'a call by HTTP/1.0', words: ['-0', ...login, '-d', '@version.xml', 'URL/RPC2'] },
  { what: 'a call over the unix socket', words: ['--unix-socket', 'SOCKET', '-d', '@version.xml', 'http://any/RPC2'] },
  { what: 'a call that asks for compression', words: ['--compressed', ...login, '-d', '@version.xml', 'URL/RPC2'] },
  { what: 'a fault', words: [...login, '-d', '@fault.xml', 'URL/RPC2'] },
  {
    what: 'a body of 10 MB',
    words: ['-H', 'Expect:', ...login, '--data-binary', '@big.xml', '-o', '/dev/null', 'URL/RPC2'],
  },
  { what: 'a form that is no call', words: [...login, '-F', 'a=b', 'URL/RPC2'] },
  { what: 'an upload', words: [...login, '-T', 'version.xml', 'URL/RPC2'] },
  { what: 'GET where a call belongs', words: [...login, 'URL/RPC2'] },
  { what: 'a part of a page', words: ['-r', '0-3', ...login, 'URL/ok.html'] },
  { what: 'a page', words: [...login, 'URL/ok.html'] },
  { what: 'a page that is not there', words: [...login, 'URL/nope'] },
  { what: 'an address that climbs', words: ['--path-as-is', ...login, 'URL/../../etc/passwd'] },
  { what: 'no password', words: ['-d', '@version.xml', 'URL/RPC2'] },
  { what: 'a wrong password', words: ['-u', 'user:wrong', 'URL/ok.html'] },
  { what: 'a password by another scheme', words: ['--digest', ...login, 'URL/ok.html'] },
  { what: 'a password that is sought by itself', words: ['--anyauth', ...login, 'URL/ok.html'] },
  { what: 'the log of nobody', words: [...login, 'URL/logtail/nobody'] },
  { what: 'another method', words: ['-X', 'DELETE', ...login, 'URL/logtail/talks'] },
];

const config = (port: number): string => `
[inet_http_server]
port=127.0.0.1:${port}
username=user
password={SHA}${createHash('sha1').update('s:ecret').digest('hex')}
[program:talks]
command=${child('stays.sh')}
autostart=false
stdout_logfile=%(here)s/talks.out
[program:wörker]
command=${child('stays.sh')}
autostart=false
stdout_logfile=%(here)s/worker.out
`;

const files = {
  'version.xml': call('supervisor.getAPIVersion'),
  'fault.xml': call('supervisor.getProcessInfo', 'nobody'),
  'big.xml': call('supervisor.getProcessInfo', 'n'.repeat(10_000_000)),
  'huge.xml': call('supervisor.getProcessInfo', 'n'.repeat(20_000_000)),
  'talks.out': 'first\n',
  'worker.out': 'grüße\n',
};

const [ours] = modesUnderTest();

describeWith(['supervisord', 'curl', 'koffi'], 'curl', () => {
  let reference: Daemon;
  let own: Daemon;
  const ports = new Map<Daemon, number>();

  before(async function () {
    this.timeout(60_000);
    const [first = 0, second = 0] = await freePorts(2);
    const start = (mode: typeof ours, port: number): Promise<Daemon> =>
      startDaemon(mode, { config: config(port), files });
    [reference, own] = await Promise.all([start('reference', first), start(ours, second)]);
    ports.set(reference, first).set(own, second);
  });

  after(() => Promise.all([reference.stop(), own.stop()]));

  const fill = (daemon: Daemon, words: readonly string[]): string[] =>
    words.map((word) =>
      word.replace('URL', `http://127.0.0.1:${ports.get(daemon)}`).replace('SOCKET', daemon.path('supervisor.sock')),
    );
  const curl = async (daemon: Daemon, words: readonly string[]): Promise<string> => {
    const command = ['curl', '-sS', '--max-time', '20', ...fill(daemon, words)];
    const { stdout, stderr, status } = await run(command, { directory: daemon.directory });
    return `${stdout}${stderr}[exit ${status}]`;
  };

  /** A curl that follows something: what it has said so far. */
  function follow(
    daemon: Daemon,
    ...words: readonly string[]
  ): { readonly said: () => string; readonly stop: () => void } {
    let text = '';
    const process = spawn('curl', ['-sSN', '--max-time', '25', ...fill(daemon, words)], { cwd: daemon.directory });
    process.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    return { said: () => Buffer.from(text, 'latin1').toString(), stop: () => void process.kill() };
  }

  for (const { what, words } of same) {
    it(`hears the same of ours and of supervisord to ${what}`, async () => {
      const [wanted, got] = await Promise.all([reference, own].map((daemon) => curl(daemon, [...written, ...words])));
      expect(got).to.equal(wanted);
      expect(wanted).to.match(/\[exit 0\]$/);
    });
  }

  it('uses one connection for several addresses', async () => {
    const words = [
      ...login,
      '-w',
      '%{num_connects} %{http_code};',
      '-o',
      '/dev/null',
      '-o',
      '/dev/null',
      '-o',
      '/dev/null',
    ];
    const [wanted, got] = await Promise.all(
      [reference, own].map((daemon) => curl(daemon, [...words, 'URL/ok.html', 'URL/nope', 'URL/ok.html'])),
    );
    expect(got).to.equal('1 200;0 404;0 200;[exit 0]');
    expect(got).to.equal(wanted);
  });

  for (const path of ['/logtail/talks', '/logtail/talks/stdout', '/logtail/talks:talks/stdout']) {
    it(`follows ${path} as it grows, by either daemon`, async () => {
      for (const daemon of [reference, own]) {
        writeFileSync(daemon.path('talks.out'), 'first\n');
        const { said, stop } = follow(daemon, ...login, `URL${path}`);
        await waitUntil(() => said() === 'first\n', { what: () => `its end, not ${said()}` });
        appendFileSync(daemon.path('talks.out'), 'more\n');
        await waitUntil(() => said() === 'first\nmore\n', { what: () => `its growth, not ${said()}` });
        renameSync(daemon.path('talks.out'), daemon.path('talks.out.1'));
        writeFileSync(daemon.path('talks.out'), 'rotated\n');
        await waitUntil(() => said() === 'first\nmore\nrotated\n', { what: () => `the new file, not ${said()}` });
        stop();
      }
    });
  }

  it('follows the log of a program whose name is not ASCII, as it is typed', async () => {
    for (const daemon of [reference, own]) {
      const { said, stop } = follow(daemon, '--unix-socket', 'SOCKET', 'http://any/logtail/wörker');
      await waitUntil(() => said() === 'grüße\n', { what: () => `its log, not ${said()}` });
      stop();
    }
  });

  it('follows the activity log, in chunks by HTTP/1.1', async () => {
    for (const daemon of [reference, own]) {
      const { said, stop } = follow(daemon, ...login, '-i', '--raw', 'URL/mainlogtail');
      await waitUntil(() => said().includes('supervisord started with pid'), { what: () => `the log, not ${said()}` });
      expect(said())
        .to.match(/^HTTP\/1\.1 200 OK\r\n/)
        .and.to.match(/^Transfer-Encoding: chunked\r$/m);
      expect(said()).to.match(/\r\n\r\n[0-9a-f]+\r\n\d{4}-/);
      stop();
    }
  });

  it('is told by ours that a followed log was emptied, and follows it on', async () => {
    writeFileSync(own.path('talks.out'), 'first\n');
    const { said, stop } = follow(own, ...login, 'URL/logtail/talks');
    await waitUntil(() => said() === 'first\n', { what: () => `its end, not ${said()}` });
    writeFileSync(own.path('talks.out'), '');
    await waitUntil(() => said().endsWith('==> File truncated <==\n'), { what: () => `the word, not ${said()}` });
    appendFileSync(own.path('talks.out'), 'after\n');
    await waitUntil(() => said() === 'first\n==> File truncated <==\nafter\n', {
      what: () => `the rest, not ${said()}`,
    });
    stop();
  });

  it('follows a log by HTTP/1.0 at once, until it is closed', async () => {
    writeFileSync(own.path('talks.out'), 'first\n');
    const { said, stop } = follow(own, '-0', ...login, '-i', 'URL/logtail/talks');
    await waitUntil(() => said().endsWith('\r\n\r\nfirst\n'), { what: () => `its end, not ${said()}` });
    expect(said()).to.match(/^Connection: close\r$/m);
    stop();
  });

  it('is let go on by ours with a body that it holds back', async () => {
    const words = [...login, '-H', 'Expect: 100-continue', '-d', '@version.xml', '-i', 'URL/RPC2'];
    expect(await curl(own, ['--expect100-timeout', '15', ...words])).to.match(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*<string>3\.0<\/string>[^]*\[exit 0\]$/,
    );
  });

  it('is spared sending what ours would refuse', async () => {
    const waits = [
      '--expect100-timeout',
      '15',
      '-H',
      'Expect: 100-continue',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{size_upload}',
    ];
    const refused = await curl(own, [...waits, '--data-binary', '@big.xml', 'URL/RPC2']);
    expect(refused).to.equal('401 0[exit 0]');
    expect(await curl(own, [...waits, ...login, '--data-binary', '@huge.xml', 'URL/RPC2'])).to.equal('413 0[exit 0]');
  });

  it('reads the refusal of a body that is too long, though it is sending still', async () => {
    const words = [
      ...login,
      '-H',
      'Expect:',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--data-binary',
      '@huge.xml',
      'URL/RPC2',
    ];
    expect(await curl(own, words)).to.match(/^413/);
  });

  for (const path of ['/ok.html', '/nope', '/RPC2', '/logtail/talks', '/mainlogtail', '/']) {
    it(`gets a head and no body of ours to HEAD ${path}`, async () => {
      const { stdout, status } = await run([
        'curl',
        '-sSI',
        '--max-time',
        '20',
        ...fill(own, [...login, `URL${path}`]),
      ]);
      expect(status).to.equal(0);
      expect(stdout).to.match(/^HTTP\/1\.1 \d{3} [^]*\r\n\r\n$/);
    });
  }
});

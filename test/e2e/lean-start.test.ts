// What is loaded before the first child runs, and for a `status`: each module costs milliseconds and memory.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { runCtl } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { child, type Daemon, startDaemon } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const preload = resolve(import.meta.dirname, '../fixtures/notes-loaded.cjs');

interface Loaded {
  readonly builtin: readonly string[];
  readonly files: readonly string[];
}

/** What net needs, whatever the version of Node. */
const underNet = ['diagnostics_channel', 'dns', 'stream', 'stream/promises', 'string_decoder', 'timers', 'util'];

describeStory('starting lean', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  it('loads nothing before its first child runs but what it is made with', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:first]
command=/bin/sh -c 'touch %(here)s/runs; exec ${child('stays.sh')}'
`,
      environment: { NODE_OPTIONS: `--require ${preload}`, LOADED_FILE: 'loaded' },
      comesUp: false,
    });
    const file = (name: string): string => resolve(daemon.directory, name);
    await waitUntil(() => existsSync(file('runs')), { what: () => `the first child: ${daemon.output}` });
    process.kill(daemon.pid, 'SIGUSR1');
    const { builtin, files } = await loaded(file('loaded'));
    expect(except(builtin, ['net', 'os', 'v8', 'vm', ...underNet])).to.deep.equal([]);
    // koffi is neither looked for nor run: its library is.
    expect(files).to.deep.equal(['corevisord.cjs']);
  });

  it('answers corevisorctl, which loads node:http for a status and nothing of its own', async () => {
    daemon = await startDaemon(mode, { config: `[program:first]\ncommand=${child('stays.sh')}\n` });
    const file = resolve(daemon.directory, 'loaded');
    const { stdout } = await runCtl('corevisorctl', {
      config: daemon.configFile,
      arguments: ['status'],
      environment: { NODE_OPTIONS: `--require ${preload}`, LOADED_FILE: file },
    });
    expect(stdout).to.match(/^first /);
    const { builtin, files } = await loaded(file);
    const underHttp = [
      '_http_agent',
      '_http_client',
      '_http_common',
      '_http_incoming',
      '_http_outgoing',
      '_http_server',
    ];
    expect(except(builtin, ['http', 'net', 'tty', 'vm', ...underHttp, ...underNet])).to.deep.equal([]);
    expect(files).to.deep.equal(['corevisorctl.cjs']);
  });
});

async function loaded(file: string): Promise<Loaded> {
  const text = await waitUntil(() => (existsSync(file) ? readFileSync(file, 'utf8') : null), {
    what: 'the list of modules',
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the fixture writes it
  return JSON.parse(text) as Loaded;
}

function except(names: readonly string[], expected: readonly string[]): readonly string[] {
  return names.filter((name) => !expected.includes(name));
}

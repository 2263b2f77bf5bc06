// Whatever becomes of the file under a running daemon: what runs is not touched, the error says where, and the next good
// file is taken. That holds for reread, for the method restart and for SIGHUP.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { child, head, startDaemon, type Daemon, type DaemonOptions } from '../support/run-supervisord.ts';

const program = (name: string, options = ''): string => `[program:${name}]\ncommand=${child('stays.sh')}\n${options}\n`;
const good = program('kept');

const endsOnceTold = 'trap "until test -e %(here)s/go; do sleep 0.05; done; exit 0" TERM; while :; do sleep 0.05; done';

const goodLines = `${head}${good}`.split('\n').length - 1;

const at = (line: number): RegExp => new RegExp(`^Source contains parsing errors: [^]*supervisord\\.conf:${line}:`);

interface FileFault {
  readonly what: string;
  /** Puts it where the file was. */
  readonly put: (path: string) => void;
  readonly text: RegExp;
}

const faults: readonly FileFault[] = [
  { what: 'is gone', put: () => undefined, text: /^could not find config file / },
  {
    what: 'was emptied',
    put: (path) => writeFileSync(path, ''),
    text: /does not include supervisord section — .*supervisord\.conf:1:/,
  },
  {
    what: 'is half written',
    put: (path) => writeFileSync(path, `${head}${good}[program:next]\ncomm`),
    text: at(goodLines + 2),
  },
  { what: 'is a directory', put: (path) => mkdirSync(path), text: /^could not read config file .*EISDIR/ },
  {
    what: 'is a FIFO that nobody writes to',
    put: (path) => void spawnSync('mkfifo', [path]),
    text: /^could not read config file .*not a regular file/,
  },
  {
    what: 'is a device without end',
    put: (path) => symlinkSync('/dev/zero', path),
    text: /^could not read config file .*not a regular file/,
  },
  { what: 'is a link to itself', put: (path) => symlinkSync(path, path), text: /^could not find config file / },
  {
    what: 'is larger than 8 MB',
    put: (path) => writeFileSync(path, Buffer.alloc(9 * 1024 * 1024, '; nothing\n')),
    text: /^could not read config file .*up to 8 MB.*9437184 bytes/,
  },
  {
    what: 'is not text',
    put: (path) => writeFileSync(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 10, 0xff])),
    text: /^'utf-8' codec can't decode byte 0xff in position 5: .*supervisord\.conf:2:/,
  },
  {
    what: 'has a mistake after 300,000 lines',
    put: (path) => writeFileSync(path, `${head}${good}${';\n'.repeat(300_000)}nonsense\n;\n`),
    text: at(goodLines + 300_001),
  },
];

describeStory('surviving a broken configuration', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  const start = async (options: Partial<DaemonOptions> = {}): Promise<number> => {
    daemon = await startDaemon(mode, { config: good, ...options });
    return (await daemon.waitForState('kept', 'RUNNING')).pid;
  };

  /** How many refusals the log has. */
  const refusals = (): number => daemon.messages.filter((line) => line.startsWith('CRIT restart refused')).length;

  /** Everything that reads the file is refused, and `kept` runs on. */
  const isRefused = async ({ what, text }: FileFault, pid: number): Promise<void> => {
    for (const method of ['reloadConfig', 'restart']) {
      const fault = await daemon.fault(method);
      expect(fault, `${method}, file ${what}`).to.match(/^CANT_REREAD: /);
      expect(fault.replace('CANT_REREAD: ', ''), `${method}, file ${what}`).to.match(text);
    }
    const count = refusals() + 1;
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^CRIT restart refused, everything runs on: /, { count });
    const info = await daemon.info('kept');
    expect([info.statename, info.pid], what).to.deep.equal(['RUNNING', pid]);
  };

  it('changes nothing when the file is gone, empty, cut off, no file at all, huge or no text, and goes on once it is back', async () => {
    const pid = await start();
    for (const fault of faults) {
      rmSync(daemon.configFile, { recursive: true, force: true });
      fault.put(daemon.configFile);
      await isRefused(fault, pid);
    }
    rmSync(daemon.configFile, { force: true });
    daemon.writeConfig(`${good}${program('fresh', 'autostart=false')}`);
    expect(await daemon.call('reloadConfig')).to.deep.equal([[['fresh'], [], []]]);
    expect((await daemon.info('kept')).pid).to.equal(pid);
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^INFO supervisord started/, { count: 2 });
    await daemon.waitForProcess('kept', (info) => info.statename === 'RUNNING' && info.pid !== pid);
    expect((await daemon.info('fresh')).statename).to.equal('STOPPED');
  });

  it('never sees half of a file that is written beside it and renamed', async () => {
    const pid = await start();
    const draft = daemon.path('draft.conf');
    for (let round = 0; round < 10; round += 1) {
      const whole = `${head}${good}${program(`extra-${round}`, 'autostart=false')}`;
      const before = await daemon.call('reloadConfig');
      writeFileSync(draft, whole.slice(0, -30));
      expect(await daemon.call('reloadConfig'), 'half of it').to.deep.equal(before);
      writeFileSync(draft, whole);
      renameSync(draft, daemon.configFile);
      expect(await daemon.call('reloadConfig')).to.deep.equal([[[`extra-${round}`], [], []]]);
    }
    expect((await daemon.info('kept')).pid).to.equal(pid);
  });

  it('changes nothing when included files vanish, break or cannot be read, and names the one that is wrong', async () => {
    const pid = await start({
      config: '[include]\nfiles=parts/*.conf\n',
      files: { 'parts/a.conf': good, 'parts/b.conf': program('other') },
    });
    const runs = async (): Promise<void> => {
      expect((await daemon.infos()).map(({ name, statename }) => [name, statename])).to.deep.equal([
        ['kept', 'RUNNING'],
        ['other', 'RUNNING'],
      ]);
      expect((await daemon.info('kept')).pid).to.equal(pid);
    };
    await daemon.waitForState('other', 'RUNNING');
    daemon.write('parts/b.conf', `${program('other')}broken\n`);
    expect(await daemon.fault('reloadConfig')).to.match(/^CANT_REREAD: .*parts\/b\.conf:4:/s);
    await runs();
    rmSync(daemon.path('parts'), { recursive: true });
    expect(await daemon.call('reloadConfig')).to.deep.equal([[[], [], ['kept', 'other']]]);
    await runs();
    mkdirSync(daemon.path('parts'));
    spawnSync('mkfifo', [daemon.path('parts/a.conf')]);
    daemon.write('parts/b.conf', program('other'));
    expect(await daemon.call('reloadConfig')).to.deep.equal([[[], [], ['kept']]]);
    await runs();
    rmSync(daemon.path('parts/a.conf'));
    daemon.write('parts/a.conf', good);
    expect(await daemon.call('reloadConfig')).to.deep.equal([[[], [], []]]);
  });

  it('begins anew with what it last read when the file breaks while everything is being stopped', async () => {
    const pid = await start({
      config: `${good}[program:slow]\ncommand=/bin/sh -c '${endsOnceTold}'\nstopwaitsecs=100\n`,
    });
    await daemon.waitForState('slow', 'RUNNING');
    daemon.signal('SIGHUP');
    await daemon.waitForMessage(/^INFO waiting for .*slow.* to die$/);
    daemon.writeConfig('[program:kept]\nnonsense\n');
    daemon.write('go', '');
    await daemon.waitForMessage(/^CRIT the configuration as last read is used: Source contains parsing errors: /);
    await daemon.waitForMessage(/^INFO supervisord started/, { count: 2 });
    await daemon.waitForProcess('kept', (info) => info.statename === 'RUNNING' && info.pid !== pid);
    expect(daemon.alive).to.equal(true);
  });

  describeWith(['root', 'setpriv'], 'without the right to read everything', () => {
    it('changes nothing when it may no longer read the file', async () => {
      const wrapper = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all'];
      const pid = await start({ wrapper });
      chmodSync(daemon.configFile, 0o000);
      await isRefused({ what: 'is closed', put: () => undefined, text: /^could not read config file .*EACCES/ }, pid);
      chmodSync(daemon.configFile, 0o644);
      expect(await daemon.call('reloadConfig')).to.deep.equal([[[], [], []]]);
    });
  });
});

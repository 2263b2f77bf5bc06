// Changing the file under a running daemon: reread says what would change, update does it, and a broken file does nothing.
import { expect } from 'chai';
import { runCtl, type Outcome } from '../support/ctl.ts';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

const program = (name: string, options = ''): string => `
[program:${name}]
command=${child('stays.sh')} ${name}
${options}
`;

const broken = [
  {
    what: 'a value of the wrong kind',
    config: program('kept', 'startsecs=soon'),
    text: /^invalid literal for int\(\) with base 10: 'soon' in section 'program:kept' \(file: '.*supervisord.conf'\)/,
  },
  {
    what: 'a program without a command',
    config: `${program('kept')}[program:empty]\n`,
    text: /^program section program:empty does not specify a command in section 'program:empty' \(file: '.*'\)/,
  },
  {
    what: 'a line that is no option',
    config: `${program('kept')}\nthis is no option\n`,
    text: /^Source contains parsing errors: '.*supervisord.conf'/,
  },
  {
    what: 'an unknown name in an expansion',
    config: program('kept', 'directory=%(nowhere)s'),
    text: /^Format string '%\(nowhere\)s' for 'program:kept.directory' contains names \('nowhere'\) which cannot be expanded/,
  },
  {
    what: 'a user that does not exist',
    config: program('kept', 'user=nobody-of-that-name'),
    text: /^Invalid user name nobody-of-that-name in section 'program:kept'/,
  },
] as const;

describeStory('changing the configuration', (mode) => {
  let daemon: Daemon;
  const ctl = (...words: string[]): Promise<Outcome> =>
    runCtl(mode === 'reference' ? 'supervisorctl' : 'corevisorctl', { arguments: ['-c', daemon.configFile, ...words] });
  const start = (config: string, files: Record<string, string> = {}): Promise<Daemon> =>
    startDaemon(mode, { config, files });

  afterEach(() => daemon.stop());

  it('says what changed in the file at reread, and changes nothing', async () => {
    daemon = await start(`${program('kept')}${program('changed')}${program('dropped')}`);
    const before = await daemon.waitForState('changed', 'RUNNING');
    daemon.writeConfig(`${program('kept')}${program('changed', 'priority=5')}${program('fresh')}`);
    expect(await ctl('reread')).to.deep.equal({
      stdout: 'changed: changed\ndropped: disappeared\nfresh: available\n',
      stderr: '',
      status: 0,
    });
    expect((await daemon.infos()).map(({ name }) => name)).to.deep.equal(['changed', 'dropped', 'kept']);
    expect((await daemon.info('changed')).pid).to.equal(before.pid);
    expect((await ctl('reread')).stdout, 'asked again').to.contain('changed: changed\n');
  });

  it('does at update what reread announces, and leaves the rest running', async () => {
    daemon = await start(`${program('kept')}${program('changed')}${program('dropped')}`);
    const kept = await daemon.waitForState('kept', 'RUNNING');
    const changed = await daemon.waitForState('changed', 'RUNNING');
    const dropped = await daemon.waitForState('dropped', 'RUNNING');
    daemon.writeConfig(`${program('kept')}${program('changed', 'environment=A="1"')}${program('fresh')}`);
    const update = await ctl('update');
    expect(update.stdout.split('\n').toSorted()).to.deep.equal(
      [
        'changed: stopped',
        'changed: updated process group',
        'dropped: stopped',
        'dropped: removed process group',
        'fresh: added process group',
        '',
      ].toSorted(),
    );
    expect([update.stderr, update.status]).to.deep.equal(['', 0]);
    expect((await daemon.info('kept')).pid).to.equal(kept.pid);
    expect((await daemon.waitForState('changed', 'RUNNING')).pid).not.to.equal(changed.pid);
    await daemon.waitForState('fresh', 'RUNNING');
    expect(daemon.descendants()).not.to.include(dropped.pid);
    expect((await ctl('reread')).stdout).to.equal('No config updates to processes\n');
    expect(await ctl('update')).to.deep.equal({ stdout: '', stderr: '', status: 0 });
  });

  it('adds and removes single groups, and refuses to remove one that runs', async () => {
    daemon = await start(program('first'));
    await daemon.waitForState('first', 'RUNNING');
    daemon.writeConfig(`${program('first')}${program('second')}`);
    expect((await ctl('add', 'second')).stdout).to.equal('ERROR: no such process/group: second\n');
    await ctl('reread');
    expect((await ctl('add', 'second', 'first')).stdout).to.equal(
      'second: added process group\nERROR: process group already active\n',
    );
    await daemon.waitForState('second', 'RUNNING');
    expect((await ctl('remove', 'second')).stdout).to.equal('ERROR: process/group still running: second\n');
    await ctl('stop', 'second');
    expect((await ctl('remove', 'second')).stdout).to.equal('second: removed process group\n');
    expect((await daemon.infos()).map(({ name }) => name)).to.deep.equal(['first']);
  });

  it('sees what changed in an included file', async () => {
    daemon = await start('[include]\nfiles=parts/*.conf\n', { 'parts/one.conf': program('one') });
    const before = await daemon.waitForState('one', 'RUNNING');
    daemon.write('parts/one.conf', program('one', 'stopwaitsecs=3'));
    daemon.write('parts/two.conf', program('two'));
    expect((await ctl('update')).status).to.equal(0);
    await daemon.waitForState('two', 'RUNNING');
    expect((await daemon.waitForState('one', 'RUNNING')).pid).not.to.equal(before.pid);
  });

  it('leaves what runs untouched when the file is broken, and goes on when it is mended', async () => {
    daemon = await start(`${program('kept')}${program('other')}`);
    const before = await daemon.waitForState('kept', 'RUNNING');
    await daemon.waitForState('other', 'RUNNING');
    for (const { config, text, what } of broken) {
      daemon.writeConfig(config);
      const fault = await daemon.fault('reloadConfig');
      expect(fault, what).to.match(/^CANT_REREAD: /);
      expect(fault.replace('CANT_REREAD: ', ''), what).to.match(text);
    }
    const reread = await ctl('reread');
    expect(reread.stdout).to.match(/^ERROR: CANT_REREAD: Invalid user name /);
    expect(reread.status).to.equal(1);
    const update = await ctl('update');
    expect(update.stdout).to.match(
      /^error: <class 'xmlrpc.client.Fault'>, <Fault 92: .*CANT_REREAD: Invalid user name /,
    );
    expect(update.status).to.equal(1);
    expect((await daemon.info('kept')).pid).to.equal(before.pid);
    expect((await daemon.infos()).map(({ statename }) => statename)).to.deep.equal(['RUNNING', 'RUNNING']);
    daemon.writeConfig(program('kept'));
    expect((await ctl('update')).stdout).to.equal('other: stopped\nother: removed process group\n');
    expect((await daemon.info('kept')).pid).to.equal(before.pid);
  });
});

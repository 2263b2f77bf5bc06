// env_file: read at each start, and secret.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon } from '../support/run-supervisord.ts';

describeStory('reading env files', (mode) => {
  let daemon: Daemon;

  afterEach(() => daemon.stop());

  it('reads them anew at each start, under environment=, and shows their values to nobody', async () => {
    const secret = 'hunter-two-2';
    daemon = await startDaemon(mode, {
      config: `
[supervisord]
loglevel=blather
[program:web]
command=/bin/sh -c 'echo "$TOKEN|$PLAIN|$MORE" >>%(here)s/seen; exec ${child('stays.sh')}'
env_file=app.env, -%(program_name)s.env
environment=PLAIN="from the file"
`,
      files: { 'app.env': `TOKEN=${secret}\nPLAIN=${secret}\n` },
    });
    await daemon.waitForState('web', 'RUNNING');
    daemon.write('web.env', 'export MORE="now there"\n');
    await daemon.call('stopProcess', 'web');
    await daemon.call('startProcess', 'web');
    expect(daemon.lines('seen')).to.deep.equal([`${secret}|from the file|`, `${secret}|from the file|now there`]);
    const answers = await Promise.all(
      ['getAllProcessInfo', 'getAllConfigInfo', 'reloadConfig'].map((method) => daemon.call(method)),
    );
    daemon.write('app.env', `${secret}\nTOKEN=${secret}\n`);
    await daemon.call('stopProcess', 'web');
    expect(await daemon.fault('startProcess', 'web')).to.equal('SPAWN_ERROR: web');
    const info = await daemon.info('web');
    expect(info.spawnerr).to.equal(`env_file '${daemon.path('app.env')}':1: not KEY=VALUE`);
    for (const told of [daemon.output, daemon.errors, daemon.read('supervisord.log'), JSON.stringify([answers, info])])
      expect(told).not.to.include(secret);
  });

  it('takes a file that is missing or a FIFO for a failed start, waits for neither, and recovers', async () => {
    daemon = await startDaemon(mode, {
      config: `
[program:web]
command=${child('stays.sh')}
env_file=%(here)s/app.env
startretries=1000
[program:piped]
command=${child('stays.sh')}
env_file=pipe
autostart=false
startretries=0
[program:other]
command=${child('stays.sh')}
`,
    });
    const info = await daemon.waitForState('web', 'BACKOFF');
    expect(info.description).to.equal(`can't find env_file '${daemon.path('app.env')}'`);
    spawnSync('mkfifo', [daemon.path('pipe')]);
    expect(await daemon.fault('startProcess', 'piped')).to.equal('SPAWN_ERROR: piped');
    expect((await daemon.info('piped')).spawnerr).to.equal(`env_file '${daemon.path('pipe')}' is not a regular file`);
    await daemon.waitForState('other', 'RUNNING');
    daemon.write('app.env', 'A=1\n');
    await daemon.waitForState('web', 'RUNNING');
    rmSync(daemon.path('pipe'));
    daemon.write('pipe', 'A=1\n');
    expect(await daemon.call('startProcess', 'piped')).to.equal(true);
  });
});

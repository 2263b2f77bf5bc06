// numprocs=auto: one process for each CPU that the daemon may use.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describeStory } from '../support/modes.ts';
import { child, startDaemon, type Daemon, type DaemonOptions } from '../support/run-supervisord.ts';
import { waitUntil } from '../support/wait-until.ts';

const config = `
[program:web]
command=${child('prints-environment.sh')} %(here)s/web-%(process_num)d
process_name=%(program_name)s-%(process_num)d
numprocs=auto
numprocs_start=8000
environment=PORT="%(process_num)d",CPUS="%(cpus)d"

[program:capped]
command=${child('stays.sh')}
process_name=%(program_name)s-%(process_num)d
numprocs=auto
numprocs_max=2
`;

async function names(daemon: Daemon, group: string): Promise<string[]> {
  return (await daemon.infos()).filter((info) => info.group === group).map(({ name }) => name);
}

describeStory('one process per core', (mode) => {
  const start = (options: Partial<DaemonOptions>): Promise<Daemon> => startDaemon(mode, { config, ...options });

  it('makes as many processes as COREVISOR_CPUS says, and says why', async () => {
    const daemon = await start({ environment: { COREVISOR_CPUS: '3' } });
    expect(await names(daemon, 'web')).to.deep.equal(['web-8000', 'web-8001', 'web-8002']);
    await daemon.waitForMessage(/^INFO web: 3 processes \(.*COREVISOR_CPUS.*\)$/);
    await waitUntil(() => daemon.read('web-8002'), { what: 'its environment' });
    expect(daemon.lines('web-8002')).to.include.members(['PORT=8002', 'CPUS=3']);
    await daemon.stop();
  });

  it('makes no more than numprocs_max', async () => {
    const daemon = await start({ environment: { COREVISOR_CPUS: '3' } });
    expect(await names(daemon, 'capped')).to.deep.equal(['capped-0', 'capped-1']);
    await daemon.stop();
  });

  it('never makes more processes than the CPUs of its affinity, and at least one', async () => {
    const daemon = await start({});
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1] ?? '';
    const affinity = list
      .split(',')
      .map((range) => range.split('-').map(Number))
      .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
    expect((await names(daemon, 'web')).length).to.be.within(1, affinity);
    await daemon.stop();
  });
});

describeStory('one process per core of the affinity', (mode) => {
  it('makes one process when it may use one CPU only', async () => {
    const daemon = await startDaemon(mode, { config, wrapper: ['taskset', '-c', '0'] });
    expect(await names(daemon, 'web')).to.deep.equal(['web-8000']);
    await daemon.waitForMessage(/^INFO web: 1 process(es)? \(.*affinity 1.*\)$/);
    await daemon.stop();
  });
});

// The daemon's own dealings with the system, on real processes: signals, limits, going to the background.
import { expect } from 'chai';
import type { LimitResult } from '../../src/os/limits.ts';
import { bundleDriver, type Driver } from '../fixtures/os/bundle.ts';
import { describeWith } from '../support/requirements.ts';

describe('the daemon and its system', () => {
  let driver: Driver;

  before(async () => {
    driver = await bundleDriver();
  });

  after(() => driver.remove());

  it('keeps early signals, each once and in order, for whoever listens later', async () => {
    const { answer } = await driver.play('hear', { path: 'portable' });
    expect(answer).to.deep.include({ early: [], atOnce: ['SIGHUP', 'SIGUSR2', 'SIGTERM'] });
    expect(answer).to.have.property('heard').that.has.members(['SIGHUP', 'SIGUSR2', 'SIGTERM', 'SIGINT', 'SIGQUIT']);
  });

  it('dies of USR1 as supervisord does, and opens no debugger', async () => {
    const failure = await driver.play('usr1', { path: 'portable' }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.include({ signal: 'SIGUSR1' });
    expect(failure).to.have.property('stderr', '');
  });

  describeWith(['koffi', 'root'], 'limits', () => {
    const cases: readonly [string, string, { minfds: number; minprocs: number }, LimitResult][] = [
      [
        'are left alone where they are high enough, and children get the limit from before Node raised it',
        'ulimit -Sn 2000; ulimit -Hn 5000',
        { minfds: 1024, minprocs: 10 },
        { infos: [], childOpenFiles: 2000 },
      ],
      [
        'are raised to what is asked, for the children too',
        'ulimit -Sn 300; ulimit -Hn 5000; ulimit -Su 2000',
        { minfds: 1024, minprocs: 3000 },
        {
          infos: ['Increased RLIMIT_NOFILE limit to 1024', 'Increased RLIMIT_NPROC limit to 3000'],
          childOpenFiles: 1024,
        },
      ],
    ];
    for (const [name, limits, parameter, expected] of cases) {
      it(name, async () => {
        const { answer } = await driver.play<LimitResult>('limits', {
          path: 'native',
          parameter,
          around: under(limits),
        });
        expect(answer).to.deep.equal(expected);
      });
    }

    it("are refused with supervisord's sentence where they cannot be raised", async () => {
      const around = [
        ...under('ulimit -Sn 400; ulimit -Hn 500'),
        'setpriv',
        '--reuid=65534',
        '--clear-groups',
        '--regid=65534',
        '--',
      ];
      const parameter = { minfds: 1024, minprocs: 10 };
      const { answer } = await driver.play<LimitResult>('limits', { path: 'native', parameter, around });
      expect(answer).to.deep.equal({
        error:
          'The minimum number of file descriptors required to run this process is 1024 as per the "minfds" command-line ' +
          'argument or config file setting. The current environment will only allow you to open 1024 file descriptors.  ' +
          'Either raise the number of usable file descriptors in your environment (see README.rst) or lower the minfds ' +
          'setting in the config file to allow the process to start.',
      });
    });
  });

  describe('going to the background', () => {
    it('ends with status 0 once the second process is up, which has left the terminal', async () => {
      const { answer } = await driver.play('detach', { path: 'portable', around: under('ulimit -Sn 700') });
      expect(answer).to.deep.equal({
        session: true,
        streams: ['/dev/null', '/dev/null', '/dev/null'],
        marked: false,
        openFiles: 700,
      });
    });

    it("prints the second process's error and ends with its status", async () => {
      const failure = await driver.play('detach', { path: 'portable', parameter: { fail: true } }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).to.include({ code: 2, stderr: 'Error: it cannot be\n' });
    });
  });
});

/** dash cannot limit processes. */
function under(limits: string): string[] {
  return ['bash', '-c', `${limits}; "$@"; exit $?`, 'bash'];
}

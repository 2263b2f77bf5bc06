// What the image is made of: who it runs as, what it declares, which commands it has.
import { expect } from 'chai';
import { corevisorVersion, supervisorVersion } from '../../src/base/version.ts';
import { build, buildImage } from '../support/container-image.ts';
import { docker, tryDocker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';

describeWith(['docker'], 'the image', function () {
  this.timeout(900_000);
  let image: string;

  before(async () => {
    image = await buildImage();
  });

  const declared: readonly [what: string, template: string, value: string][] = [
    ['runs as a user without rights', '{{.Config.User}}', '10001:10001'],
    ['serves port 80', '{{json .Config.ExposedPorts}}', '{"80/tcp":{}}'],
    ['is stopped with TERM', '{{.Config.StopSignal}}', 'SIGTERM'],
    [
      'checks its health by the control program',
      '{{json .Config.Healthcheck.Test}}',
      '["CMD","corevisorctl","healthcheck"]',
    ],
    ['keeps its run directory writable', '{{json .Config.Volumes}}', '{"/run/corevisor":{}}'],
    [
      'has the supervisor as its entrypoint',
      '{{json .Config.Entrypoint}}',
      '["corevisord","--nodaemon","--configuration","/etc/supervisord.conf"]',
    ],
  ];
  for (const [what, template, value] of declared) {
    it(what, async () => {
      expect(await docker('inspect', '--format', template, image)).to.equal(value);
    });
  }

  it('has the commands under our names and supervisord’s', async () => {
    const versions = await inImage('corevisord -v; supervisord -v');
    expect(versions).to.equal(`${corevisorVersion}\n${supervisorVersion}\n`);
    expect(await inImage('supervisorctl -h')).to.match(/^supervisorctl -- /);
    expect(await inImage('echo_supervisord_conf')).to.match(/^; Sample supervisor config file\.\n/);
    expect(await inImage('pidproxy /nowhere echo hello')).to.equal('hello\n');
  });

  it('holds its files as root’s, so that a process cannot change what it runs', async () => {
    expect(await inImage('find /opt /app /etc /usr/local -writable ! -type l 2>/dev/null')).to.equal('');
  });

  it('awaits no security upgrades', async () => {
    const script = 'apt-get update -qq && apt-get --simulate --quiet upgrade | grep -c ^Inst || true';
    expect(await inImage(script, ['--user', '0'])).to.equal('0\n');
  });

  it('refuses to be built from a source of the application that it does not have', async () => {
    const failure = await build(['--build-arg', 'APP_SOURCE=registry']).then(
      () => 'built',
      (error: unknown) => String(error),
    );
    expect(failure).to.contain('APP_SOURCE=registry is not available');
  });

  async function inImage(script: string, flags: readonly string[] = []): Promise<string> {
    const { stdout } = await tryDocker('run', '--rm', ...flags, '--entrypoint', 'sh', image, '-c', script);
    return stdout;
  }
});

// What takes room in the image: nothing that is not needed at run time, and that stays so when packages are upgraded.
import { expect } from 'chai';
import { buildImage } from '../support/container-image.ts';
import { docker, runClient, tryDocker } from '../support/engine.ts';
import { describeWith } from '../support/requirements.ts';

describeWith(['docker'], 'the contents of the image', function () {
  this.timeout(900_000);
  let image: string;

  before(async () => {
    image = await buildImage();
  });

  it('has Node and nginx, but no Python, no package manager of Node and no compiler', async () => {
    const found = `for name in node nginx ${unneededCommands}; do command -v $name; done`;
    expect(await inImage(found)).to.equal('/usr/bin/node\n/usr/sbin/nginx\n');
  });

  it('has no package that is there to compile, to debug or to install', async () => {
    const all = (await inImage("dpkg-query --show --showformat '${Package}\\n'")).trim().split('\n');
    expect(all).to.include.members(['nginx', 'nodejs', 'ca-certificates']);
    expect(all.filter((name) => unneededPackage.test(name))).to.deep.equal([]);
  });

  it('has no tests, documents, source maps or TypeScript beside the code that runs', async () => {
    const wanted = unneededFiles.replaceAll(' ', "' -o -name '");
    expect(await inImage(`find /opt /app \\( -name '${wanted}' \\) ! -iname 'licen[cs]e*'`)).to.equal('');
  });

  it('has no documents, caches and tables of the system that nothing of it reads', async () => {
    expect(await inImage(`find ${unneededFolders} ! -type d -size +0 2>/dev/null | grep -v /copyright$`)).to.equal('');
  });

  it('has the licences of all that is in it', async () => {
    const licences = 'for d in /app/node_modules/winston /opt/corevisor/node_modules/koffi; do ls $d/LICENSE*; done';
    expect((await inImage(licences)).trim().split('\n')).to.have.length(2);
    expect(await inImage('ls /usr/share/doc/nginx/copyright /usr/share/doc/bash/copyright | wc -l')).to.equal('2\n');
  });

  it('has one native library of koffi, that of its platform', async () => {
    expect(await inImage('find / -name "*.node" 2>/dev/null')).to.match(
      /^\/opt\/corevisor\/node_modules\/@koromix\/koffi-linux-\w+\/linux_\w+\/koffi\.node\n$/,
    );
  });

  it('has nothing of the build: no sources, no credentials', async () => {
    expect(await inImage('ls -d /src /root/.npm* /run/secrets /out /tmp/* 2>/dev/null')).to.equal('');
  });

  it('changes by less than 10 MB when only the application does: all else is in its first layer', async () => {
    const sizes = await docker('history', '--human=false', '--format', '{{.Size}}', image);
    const aboveTheSystem = sizes.split('\n').slice(0, -1).map(Number);
    expect(aboveTheSystem.reduce((sum, size) => sum + size, 0)).to.be.below(10_000_000);
  });

  it('takes packages and upgrades in an image built on it, and what was left out stays out', async () => {
    const script = `exec 2>&1
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq
      apt-get install --yes -qq --no-install-recommends --reinstall libc6 nginx nodejs procps
      nginx -v
      node --print '"é".normalize("NFD").length'
      printf '\\303\\251' | iconv --from-code UTF-8 --to-code ISO-8859-1 | od -A n -t x1
      ls /usr/bin/corepack /usr/lib/*/gconv/EUC-KR.so || echo all gone`;
    const words = ['docker', 'run', '--rm', '--user', '0', '--entrypoint', 'sh', image, '-ec', script];
    const { status, stdout } = await runClient(words, 600_000);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/nginx version: .*\n2\n e9\n(ls: .*\n)+all gone\n$/);
  });

  async function inImage(script: string): Promise<string> {
    const { status, stdout, stderr } = await tryDocker(
      'run',
      '--rm',
      '--entrypoint',
      'sh',
      image,
      '-c',
      `${script}\ntrue`,
    );
    expect(status, stderr).to.equal(0);
    return stdout;
  }
});

const unneededCommands =
  'python python3 npm npx corepack yarn pnpm pip gcc cc g++ clang make as ld gdb strace tsc tsx esbuild mocha ' +
  'git curl wget ssh ip ss tc systemctl man vi';
const unneededPackage =
  /^(python|npm$|node-corepack$|gcc(-\d+)?$|g\+\+|cpp|binutils|make$|dpkg-dev$|iproute2|libkrb5|libelf|manpages|systemd$|.*-(dev|dbg|dbgsym|doc)$|lib(x11|gd|xml2|perl))/;
const unneededFiles =
  '*.ts *.cts *.mts *.map *.md *.markdown *.tsbuildinfo package-lock.json .package-lock.json *.c *.cc *.h ' +
  'test tests __tests__ examples .nyc_output .bin .github .git @types';
const unneededFolders =
  '/var/lib/apt/lists /var/cache/apt /var/log /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale ' +
  '/usr/share/lintian /usr/share/vim /usr/share/bash-completion /usr/share/gcc';

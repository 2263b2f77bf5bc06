import { expect } from 'chai';
import { proxyCommand } from '../../src/upstream/proxy-command.ts';
import { splitWords } from '../../src/base/shell-words.ts';

const proxy = {
  name: 'web',
  host: '127.0.0.1',
  port: 8080,
  upstream: 'web',
  hold: 30,
  where: { file: 'web.conf', line: 1 },
};

describe('the command of an embedded proxy', () => {
  it('names where it listens and whom it serves', () => {
    const command = proxyCommand(proxy, { nodePath: '/usr/bin/node', scriptPath: '/opt/corevisor/dist/proxy.cjs' });
    expect(command).to.equal(
      '/usr/bin/node /opt/corevisor/dist/proxy.cjs --listen 127.0.0.1:8080 --upstream web --hold 30',
    );
  });

  it('survives the splitting of commands wherever it is installed', () => {
    const scriptPath = `/home/o'neil/my "project" $x;/dist/proxy.cjs`;
    const command = proxyCommand({ ...proxy, host: '' }, { nodePath: '/usr/bin/node', scriptPath });
    expect(splitWords(command)).to.deep.equal({
      words: ['/usr/bin/node', scriptPath, '--listen', ':8080', '--upstream', 'web', '--hold', '30'],
    });
  });

  it('puts an IPv6 address in brackets', () => {
    expect(proxyCommand({ ...proxy, host: '::1' }, { nodePath: 'node', scriptPath: 'proxy.cjs' })).to.include(
      '--listen [::1]:8080',
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CtlConfig, type CtlContext, loadCtlConfig } from '../../src/config/ctl-config.ts';
import { fakeLoadContext } from '../support/make-config.ts';

const world: CtlContext = { environment: fakeLoadContext.environment, users: fakeLoadContext.users };

describe('[supervisorctl]', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'corevisor-ctl-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('has defaults without a file, and with an empty section', () => {
    const defaults = {
      serverurl: 'http://localhost:9001',
      username: null,
      password: null,
      prompt: 'supervisor',
      historyFile: null,
      plugins: [],
    };
    expect(loadCtlConfig(null, world)).to.deep.equal(defaults);
    expect(load('[supervisorctl]\n')).to.deep.equal(defaults);
  });

  it('reads what is there, with here and ENV_X', () => {
    expect(
      load(
        '[supervisorctl]\nserverurl=unix://%(here)s/a/../x.sock\nusername=%(ENV_GREETING)s\npassword=p\nprompt=my\nhistory_file=~/h\n',
      ),
    ).to.deep.equal({
      serverurl: `unix://${directory}/x.sock`,
      username: 'hello',
      password: 'p',
      prompt: 'my',
      historyFile: '/root/h',
      plugins: [],
    });
  });

  it('names the plugins that it does not run', () => {
    const { plugins } = load('[supervisorctl]\n[ctlplugin:a]\nx=y\n[ctlplugin:b]\n');
    expect(plugins).to.deep.equal(['ctlplugin:a', 'ctlplugin:b']);
  });

  it('lets the command line win', () => {
    expect(
      load('[supervisorctl]\nusername=a\npassword=b\n', { flags: { username: 'c', serverurl: 'unix://x' } }),
    ).to.deep.include({
      username: 'c',
      password: 'b',
      serverurl: 'unix://x',
    });
  });

  it('does not read included files, and wants the section in its own', () => {
    expect(() => load('[include]\nfiles=*.conf\n')).to.throw('.ini file does not include supervisorctl section');
  });

  it('wants a file that is there', () => {
    expect(() => loadCtlConfig('/nope', world)).to.throw('could not find config file /nope');
  });

  function load(text: string, context: Partial<CtlContext> = {}): CtlConfig {
    const file = join(directory, 'supervisord.conf');
    writeFileSync(file, text);
    return loadCtlConfig(file, { ...world, ...context });
  }
});

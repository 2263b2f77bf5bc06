import { expect } from 'chai';
import { processesBehind, serverOf } from '../../src/config/upstreams.ts';
import { configError, makeConfig } from '../support/make-config.ts';

const web =
  '[program:web]\ncommand=x\nnumprocs=2\nnumprocs_start=8000\nprocess_name=%(program_name)s-%(process_num)d\n' +
  '[upstream:web]\nserver=127.0.0.1:%(process_num)d\n';
const proxy = '[proxy:front]\nlisten=127.0.0.1:8080\nupstream=web\n';

describe('upstreams and proxies', () => {
  it('gives each process of a program its address', () => {
    const { upstreams, groups } = makeConfig(
      `${web}file=%(here)s/web.conf\nreload=nginx\n[program:nginx]\ncommand=nginx\n`,
    );
    const [upstream] = upstreams;
    expect(upstream).to.deep.include({ name: 'web', server: '127.0.0.1:%(process_num)d', reload: 'nginx' });
    expect(upstream?.file).to.match(/^\/.*\/web\.conf$/);
    const members = processesBehind('web', groups) ?? [];
    expect(members.map((member) => upstream && serverOf(upstream, member))).to.deep.equal([
      '127.0.0.1:8000',
      '127.0.0.1:8001',
    ]);
  });

  it('stands for a program inside a group, or for a whole group', () => {
    const { groups } = makeConfig(`${web}[program:other]\ncommand=x\n[group:all]\nprograms=web,other\n`);
    expect(processesBehind('web', groups)?.map(({ process }) => process.name)).to.deep.equal(['web-8000', 'web-8001']);
    expect(processesBehind('all', groups)).to.have.lengthOf(3);
    expect(processesBehind('nope', groups)).to.equal(null);
  });

  it("lets a proxy's log join the daemon's in the foreground, and gives it one of its own in the background", () => {
    const targets = ['nodaemon=true\n', ''].map((nodaemon) => {
      const { groups } = makeConfig(nodaemon + web + proxy, { proxyCommand: () => 'serve' });
      return groups.find(({ kind }) => kind === 'proxy')?.processes[0]?.options.stdout_logfile;
    });
    expect(targets).to.deep.equal([{ kind: 'file', path: '/dev/stdout' }, { kind: 'auto' }]);
  });

  it('runs each proxy as a process of the group proxy, after the workers', () => {
    const { groups, proxies } = makeConfig(web + proxy, { proxyCommand: ({ name }) => `serve 100% ${name}` });
    expect(proxies).to.deep.include.members([
      { name: 'front', host: '127.0.0.1', port: 8080, upstream: 'web', hold: 30, where: proxies[0]?.where },
    ]);
    expect(groups.map(({ name, kind, priority }) => [name, kind, priority])).to.deep.equal([
      ['web', 'program', 999],
      ['proxy', 'proxy', 1000],
    ]);
    const [process] = groups[1]?.processes ?? [];
    expect(process).to.deep.include({ name: 'front', section: 'proxy:front' });
    expect(process?.options).to.deep.include({ command: 'serve 100% front', priority: 1000, autostart: true });
  });

  it('drain by themselves within 30 seconds, and are served by one, unless the file says otherwise', () => {
    const [usual, other] = [web, `${web}test=check\ndrain=reload\ndrain_timeout=2.5\nmin_ready=2\n${proxy}`].map(
      (text) => makeConfig(text),
    );
    expect(usual?.upstreams[0]).to.include({ test: '', drain: 'worker', drainTimeout: 30, minReady: 1 });
    expect(other?.upstreams[0]).to.include({ test: 'check', drain: 'reload', drainTimeout: 2.5, minReady: 2 });
    expect(other?.proxies[0]?.hold).to.equal(2.5);
  });

  it('says where more ready processes are asked for than there are', () => {
    const { message, detail } = configError(`${web}min_ready=3\n`);
    expect(message).to.equal('[upstream:web] min_ready 3 is more than the 2 that it has');
    expect(detail).to.match(
      /supervisord\.conf:\d+: \[upstream:web\] min_ready=3; accepted: a whole number from 1 to 2$/,
    );
  });

  const errors: readonly (readonly [string, string])[] = [
    ['[upstream:web]\nserver=x', '[upstream:web] names unknown program or group web'],
    ['[program:web]\ncommand=x\n[upstream:web]', '[upstream:web] section requires a "server" line'],
    [
      '[program:web]\ncommand=x\n[upstream:web]\nserver=127.0.0.1',
      '[upstream:web] server is not an address: 127.0.0.1',
    ],
    [`${web}drain=slowly`, "not a way to drain: 'slowly'"],
    [`${web}reload=nginx`, '[upstream:web] names unknown program or group nginx to reload'],
    [`${web}[proxy:front]\nlisten=80\nupstream=api`, '[proxy:front] names unknown upstream api'],
    [`${web}[proxy:front]\nupstream=web`, '[proxy:front] section requires a "listen" line'],
    [
      `${web}${proxy}[program:proxy]\ncommand=x`,
      '[program:proxy] takes the group name proxy, which [proxy:front] needs',
    ],
    [
      `${web}${proxy}[group:proxy]\nprograms=web`,
      '[group:proxy] takes the group name proxy, which [proxy:front] needs',
    ],
  ];
  for (const [text, message] of errors)
    it(`says ${message}`, () => expect(configError(text).message).to.equal(message));

  it('checks the names in a server before anything starts', () => {
    const { message, detail } = configError('[program:web]\ncommand=x\n[upstream:web]\nserver=127.0.0.1:%(port)d\n');
    expect(message).to.match(
      /^Format string '127\.0\.0\.1:%\(port\)d' for 'upstream:web\.server' contains names \('port'\)/,
    );
    expect(detail).to.match(/^DIR\/supervisord\.conf:5: \[upstream:web\] server=/);
  });

  it('leaves the name proxy to users who have no proxy', () => {
    expect(makeConfig('[program:proxy]\ncommand=x\n').groups.map(({ name }) => name)).to.deep.equal(['proxy']);
  });
});

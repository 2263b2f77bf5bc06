import { expect } from 'chai';
import { ConfigError } from '../../src/base/errors.ts';
import { feedLine, membersOf, processesNamed, serversInFile } from '../../src/upstream/members.ts';
import { group, upstream } from './fakes.ts';

describe('the members of an upstream', () => {
  it('are the processes of the program of that name, each with its own address', () => {
    const members = membersOf(upstream('web'), [group('nginx', 1), group('web', 2)]);
    expect(members.map(({ name, server }) => [name, server])).to.deep.equal([
      ['web-8000', '127.0.0.1:8000'],
      ['web-8001', '127.0.0.1:8001'],
    ]);
  });

  it('are the processes of the program also where it is part of a group', () => {
    const { config, processes } = group('web', 2);
    const site = { config: { ...config, name: 'site', kind: 'group' as const }, processes };
    expect(membersOf(upstream('web'), [site])).to.have.length(2);
    expect(membersOf(upstream('site'), [site])).to.have.length(2);
  });

  it('may be named by process, program and group in the address', () => {
    const server = 'unix:/run/%(group_name)s/%(program_name)s/%(process_name)s.sock';
    const [member] = membersOf(upstream('web', { server }), [group('web', 1)]);
    expect(member?.server).to.equal('unix:/run/web/web/web-8000.sock');
    expect(member?.address).to.deep.equal({ path: '/run/web/web/web-8000.sock' });
  });

  it('are none when their group was removed', () => {
    expect(membersOf(upstream('web'), [group('nginx', 1)])).to.deep.equal([]);
  });

  it('are ready while they are RUNNING, and in no other state', () => {
    const web = group('web', 5);
    (['STARTING', 'RUNNING', 'STOPPING', 'BACKOFF', 'FATAL'] as const).forEach((state, index) => {
      const process = web.processes[index];
      if (process !== undefined) process.wireState = state;
    });
    const ready = membersOf(upstream('web'), [web]).filter((member) => member.ready);
    expect(ready.map(({ name }) => name)).to.deep.equal(['web-8001']);
  });

  it('are refused with file, line and what is accepted when the server is no address', () => {
    expect(() => membersOf(upstream('web', { server: '127.0.0.1:8000; evil' }), [group('web', 1)]))
      .to.throw(ConfigError)
      .with.property('detail')
      .that.matches(/^web\.conf:7: \[upstream:web\] server=.*accepted: HOST:PORT/);
  });

  it('are told to the proxy as one line of JSON', () => {
    const line = feedLine(membersOf(upstream('web'), [group('web', 1)]), new Set());
    expect(line).to.equal('{"members":[{"name":"web-8000","host":"127.0.0.1","port":8000,"ready":true}]}\n');
  });

  it('take no requests while they leave', () => {
    const line = feedLine(membersOf(upstream('web'), [group('web', 2)]), new Set(['web:web-8000']));
    expect(JSON.parse(line)).to.have.nested.property('members[0].ready', false);
    expect(JSON.parse(line)).to.have.nested.property('members[1].ready', true);
  });

  it('are in the file unless they leave, and the last that leaves stays', () => {
    const members = membersOf(upstream('web'), [group('web', 2)]);
    const listed = (...leaving: string[]) => serversInFile(members, new Set(leaving));
    expect(listed('web:web-8001', 'api:web-8000')).to.deep.equal(['127.0.0.1:8000']);
    expect(listed('web:web-8001', 'web:web-8000', 'api:x')).to.deep.equal(['127.0.0.1:8000']);
    expect(serversInFile([], new Set(['web:web-8000']))).to.deep.equal([]);
  });

  it('of a name that nothing has are no processes', () => {
    expect(processesNamed('nginx', [group('web', 1)])).to.deep.equal([]);
  });
});

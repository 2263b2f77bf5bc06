import { expect } from 'chai';
import { createUsers } from '../../src/os/users.ts';

const files: Readonly<Record<string, string>> = {
  '/etc/passwd': [
    'root:x:0:0:root:/root:/bin/bash',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    '# a comment',
    'broken line',
    'ann:x:1001:1001:Ann,,,:/home/ann:/bin/sh',
    '1234:x:77:77::/:/bin/sh',
    '',
  ].join('\n'),
  '/etc/group': ['root:x:0:', 'adm:x:4:ann,www-data', 'ann:x:1001:ann', 'audio:x:29:ann', 'anna:x:30:anna', ''].join(
    '\n',
  ),
};

const users = createUsers((path) => files[path] ?? '');

describe('users', () => {
  it('finds a user by name', () => {
    expect(users.findUser('www-data')).to.deep.equal({ name: 'www-data', uid: 33, gid: 33, home: '/var/www' });
  });

  it('finds a user by id', () => expect(users.findUser('1001')?.name).to.equal('ann'));

  it('takes digits for an id even where a user is called so', () => expect(users.findUser('1234')).to.equal(null));

  for (const unknown of ['nobody', '4711', '', '#', 'broken line']) {
    it(`knows no user '${unknown}'`, () => expect(users.findUser(unknown)).to.equal(null));
  }

  it('finds a group by name and by id', () => {
    expect(users.findGroup('audio')).to.deep.equal({ name: 'audio', gid: 29 });
    expect(users.findGroup('4')).to.deep.equal({ name: 'adm', gid: 4 });
    expect(users.findGroup('video')).to.equal(null);
  });

  it('lists the groups of a user, the primary one first and each once', () => {
    expect(users.groupsOf({ name: 'ann', gid: 1001 })).to.deep.equal([1001, 4, 29]);
    expect(users.groupsOf({ name: 'www-data', gid: 33 })).to.deep.equal([33, 4]);
  });

  it('knows nobody where there are no such files', () => {
    expect(createUsers(() => '').findUser('root')).to.equal(null);
  });
});

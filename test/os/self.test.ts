import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { becomeUser, enterDirectory, writePidfile } from '../../src/os/self.ts';

describe("the daemon's own place", () => {
  let place: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'self-test-'));
  });

  afterEach(() => rmSync(place, { recursive: true }));

  it('writes its pid and removes the file again', () => {
    const path = join(place, 'pid');
    const pidfile = writePidfile(path, openSync);
    expect(pidfile.written).to.equal(true);
    expect(readFileSync(path, 'utf8')).to.equal(`${process.pid}\n`);
    pidfile.remove();
    expect(existsSync(path)).to.equal(false);
    pidfile.remove();
  });

  it('leaves alone what it could not write', () => {
    const path = join(place, 'pid');
    mkdirSync(path);
    const pidfile = writePidfile(path, openSync);
    expect(pidfile.written).to.equal(false);
    pidfile.remove();
    expect(existsSync(path)).to.equal(true);
  });

  it('needs nothing to become who it is', () => {
    const user = { name: 'me', uid: process.getuid?.() ?? 0, gid: 0, home: '/' };
    expect(becomeUser(user, { groupsOf: () => [] })).to.equal(null);
  });

  it("answers supervisord's sentence for a directory that cannot be entered", () => {
    expect(enterDirectory('/nowhere')).to.equal(
      "can't chdir into '/nowhere': [Errno 2] No such file or directory: '/nowhere'",
    );
    expect(enterDirectory(process.cwd())).to.equal(null);
  });
});

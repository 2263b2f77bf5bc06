import { symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { descriptorOf } from '../../src/logs/open-log.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('which of our own descriptors a log file is', () => {
  const at = useTempFolder();

  for (const [path, descriptor] of [
    ['/dev/stdout', 1],
    ['/dev/stderr', 2],
    ['//dev/../dev/stdout', 1],
    ['/dev/fd/1', 1],
    ['/dev/fd/2', 2],
    ['/proc/self/fd/1', 1],
    [`/proc/${process.pid}/fd/2`, 2],
    ['/dev/null', null],
    ['/dev/shm/x.log', null],
    ['/var/log/stdout', null],
    ['/proc/0/fd/1', null],
    ['/no/such/file', null],
  ] as const) {
    it(`is ${descriptor ?? 'none'} for ${path.replace(String(process.pid), 'PID')}`, () => {
      expect(descriptorOf(path)).to.equal(descriptor);
    });
  }

  it('is found through links', () => {
    symlinkSync('/dev/stdout', at('one'));
    symlinkSync('one', at('two'));
    expect(descriptorOf(at('two'))).to.equal(1);
  });

  it('is none for links in a circle', () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    expect(descriptorOf(at('a'))).to.equal(null);
  });
});

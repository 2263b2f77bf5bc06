import { expect } from 'chai';
import { closest } from '../../src/config/spelling.ts';

describe('a guess at what was meant', () => {
  const guesses: readonly (readonly [string, string | null])[] = [
    ['comand', 'command'],
    ['Command', 'command'],
    ['usr', 'user'],
    ['stdout_log_file', 'stdout_logfile'],
    ['xyz', null],
  ];
  for (const [written, meant] of guesses) {
    it(`is ${meant} for ${written}`, () => {
      expect(closest(written, ['command', 'user', 'stdout_logfile', 'numprocs'])).to.equal(meant);
    });
  }
});

import { expect } from 'chai';
import { experiments } from './experiments.ts';
import { readOptions, UsageError, type Options } from './options.ts';

const figures = experiments.flatMap((experiment) => experiment.figures);
const read = (...argv: string[]): Options => readOptions(argv, figures, undefined);
const chosen = ({ wants }: Options): string[] => figures.filter((figure) => wants(figure)).map(({ name }) => name);

describe('the options of the benchmark', () => {
  it('choose every row and every contender by default', () => {
    const options = read();
    expect(chosen(options)).to.deep.equal(figures.map(({ name }) => name));
    expect(options.peers).to.include.members(['ours', 'supervisord', 's6', 'runit', 'pm2', 'node', 'kernel']);
    expect(options.rounds).to.equal(null);
  });

  it('choose rows by their names and by their families', () => {
    expect(chosen(read('--only', 'stop-10,start'))).to.have.members(['start-1', 'start-1000', 'stop-10']);
  });

  it('choose whom to compare with, and ours always', () => {
    expect(read('--with', 'runit').peers).to.deep.equal(['ours', 'runit']);
  });

  for (const [argv, message] of [
    [['--rounds', '0'], /--rounds: 0 is not a whole number from 1 to 1000/],
    [['--rounds', '1.5'], /--rounds: 1.5 is not a whole number/],
    [['--rounds', 'many'], /--rounds: many is not/],
    [['--rounds', ''], /--rounds: {2}is not/],
    [['--only', 'speed'], /--only: speed is none of start, start-1, /],
    [['--with', 'systemd'], /--with: systemd is none of ours, supervisord, s6, runit, pm2, node, kernel/],
    [['--gigabytes', '-1'], /--gigabytes: -1 is not a number from 0.001 to 1000|ambiguous/],
    [['--turbo'], /'--turbo'/],
    [['restart'], /'restart'/],
  ] as const) {
    it(`refuse ${argv.join(' ')}`, () => {
      expect(() => read(...argv)).to.throw(UsageError, message);
    });
  }
});

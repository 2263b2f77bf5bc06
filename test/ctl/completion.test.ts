import { expect } from 'chai';
import type { ProcessRow } from '../../src/ctl/answers.ts';
import { completionsOf } from '../../src/ctl/completion.ts';

const facts = { state: 20, statename: 'RUNNING', description: '', pid: 1 };
const processes = async (): Promise<ProcessRow[]> => [
  { ...facts, group: 'cat', name: 'cat' },
  { ...facts, group: 'web', name: 'a-1' },
  { ...facts, group: 'web', name: 'b' },
];

const silent = async (): Promise<ProcessRow[]> => {
  throw new Error('asked');
};

describe('completion', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['st', ['start ', 'status ', 'stop ']],
    ['  st', ['start ', 'status ', 'stop ']],
    ['nope', []],
    ['help sta', ['start ', 'status ']],
    ['add ', ['cat ', 'web ']],
    ['update w', ['web ']],
    ['start ', ['cat ', 'web:a-1 ', 'web:* ', 'web:b ']],
    ['start cat w', ['web:a-1 ', 'web:* ', 'web:b ']],
    ['tail web:a', ['web:a-1 ']],
    ['status cat:', ['cat:cat ', 'cat:* ']],
    ['pid c', ['cat ']],
    ['reread ', []],
    ['nope ', []],
  ];
  for (const [line, candidates] of cases) {
    it(`offers ${JSON.stringify(candidates)} behind ${JSON.stringify(line)}`, async () => {
      const [offered, fragment] = await completionsOf(line, processes);
      expect(offered).to.deep.equal(candidates);
      expect(line.endsWith(fragment)).to.equal(true);
    });
  }

  it('offers every command on an empty line, but not the end of the input', async () => {
    const [offered] = await completionsOf('', processes);
    expect(offered).to.include.members(['add ', 'help ', 'version ', 'healthcheck ']).and.not.include('EOF ');
  });

  it('asks the daemon only where names of its are wanted', async () => {
    expect((await completionsOf('reread ', silent))[0]).to.deep.equal([]);
    expect((await completionsOf('help a', silent))[0]).to.deep.equal(['add ', 'avail ']);
  });
});

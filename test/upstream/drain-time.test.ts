import { expect } from 'chai';
import { drainSeconds } from '../../src/upstream/drain-time.ts';
import { group, upstream } from './fakes.ts';

const [web, api] = [group('web', 2).config, group('api', 1).config];

function secondsOf(config: typeof web, upstreams: readonly ReturnType<typeof upstream>[]): number | null {
  const [process] = config.processes;
  if (process === undefined) throw new Error('no process');
  return drainSeconds({ process, group: config.name }, { upstreams, groups: [web, api] });
}

describe('the time that a worker is told to drain in', () => {
  it('is that of its upstream where it is not 30 s, and the longest of several', () => {
    expect(secondsOf(web, [])).to.equal(null);
    expect(secondsOf(web, [upstream('web')])).to.equal(null);
    expect(secondsOf(web, [upstream('web', { drainTimeout: 2.5 })])).to.equal(2.5);
    expect(secondsOf(api, [upstream('web', { drainTimeout: 2.5 })])).to.equal(null);
    const both = [upstream('web', { drainTimeout: 60 }), upstream('web', { drainTimeout: 90 })];
    expect(secondsOf(web, both)).to.equal(90);
  });
});

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { cleanAutoLogs, createAutoLog } from '../../src/logs/auto-log.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('AUTO logs', () => {
  const at = useTempFolder();
  const folder = (): string => dirname(at('x'));

  function create(random?: () => number): string {
    const order = { directory: folder(), process: 'web_00', channel: 'stdout', identifier: 'supervisor' } as const;
    return createAutoLog(random === undefined ? order : { ...order, random });
  }

  it('are named after process, channel and identifier, and only their owner may read them', () => {
    const path = create();
    expect(path).to.match(/\/web_00-stdout---supervisor-[a-z0-9_]{8}\.log$/);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it('never take a name that exists', () => {
    const numbers = [...Array<number>(16).fill(0), ...Array<number>(8).fill(0.5)];
    const random = (): number => numbers.shift() ?? 0;
    expect(create(random)).to.equal(at('web_00-stdout---supervisor-aaaaaaaa.log'));
    expect(create(random)).to.equal(at('web_00-stdout---supervisor-ssssssss.log'));
  });

  it('are given up with the errno when the folder refuses', () => {
    const order = { directory: at('no'), process: 'p', channel: 'stderr', identifier: 'i' } as const;
    expect(() => createAutoLog(order))
      .to.throw()
      .with.property('code', 'ENOENT');
  });

  it('of an earlier run are deleted, rotated ones included, and nothing else', () => {
    const gone = ['p-stdout---supervisor-abcd_123.log', 'p-stderr---supervisor-x.log.1', 'q---supervisor-y.log.10'];
    const kept = ['p-stdout---other-abcd_123.log', '---supervisor-x.log', 'p---supervisor-.log', 'supervisord.log'];
    for (const name of [...gone, ...kept]) writeFileSync(at(name), '');
    cleanAutoLogs({ directory: folder(), identifier: 'supervisor', warn: () => {} });
    expect(readdirSync(folder()).toSorted()).to.deep.equal(kept.toSorted());
  });

  it('are found when the identifier has characters of patterns', () => {
    for (const name of ['p---a.b(1-x.log', 'p---axb(1-x.log']) writeFileSync(at(name), '');
    cleanAutoLogs({ directory: folder(), identifier: 'a.b(1', warn: () => {} });
    expect(readdirSync(folder())).to.deep.equal(['p---axb(1-x.log']);
  });

  it("that cannot be deleted are told in supervisord's words", () => {
    const said: string[] = [];
    mkdirSync(at('p---supervisor-x.log'));
    cleanAutoLogs({ directory: folder(), identifier: 'supervisor', warn: (text) => said.push(text) });
    cleanAutoLogs({ directory: at('no'), identifier: 'supervisor', warn: (text) => said.push(text) });
    expect(said).to.deep.equal([`Failed to clean up '${at('p---supervisor-x.log')}'`, 'Could not clear childlog dir']);
  });
});

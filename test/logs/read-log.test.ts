import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { readLog, tailLog } from '../../src/logs/read-log.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { faultOf } from '../support/fault-of.ts';

describe('reading a log file', () => {
  const at = useTempFolder();

  beforeEach(() => {
    writeFileSync(at('x.log'), '0123456789');
    mkdirSync(at('folder'));
  });

  it('answers the bytes that were asked for', () => {
    expect(readLog(at('x.log'), { offset: 2, length: 3 }).toString()).to.equal('234');
    expect(readLog(at('x.log'), { offset: -3, length: 0 }).toString()).to.equal('789');
    expect(readLog(at('x.log'), { offset: 0, length: 0 }).toString()).to.equal('0123456789');
    expect(readLog(at('x.log'), { offset: 99, length: 9 }).toString()).to.equal('');
  });

  it('answers bytes as they are', () => {
    writeFileSync(at('x.log'), Buffer.of(0xff, 0x00, 0x88));
    expect([...readLog(at('x.log'), { offset: 0, length: 0 })]).to.deep.equal([0xff, 0x00, 0x88]);
  });

  it('faults as supervisord does', () => {
    const all = { offset: 0, length: 0 };
    expect(faultOf(() => readLog(null, all))).to.equal('NO_FILE');
    expect(faultOf(() => readLog(at('no'), all))).to.equal(`NO_FILE: ${at('no')}`);
    expect(faultOf(() => readLog(at('folder'), all))).to.equal('FAILED');
    expect(faultOf(() => readLog(at('x.log'), { offset: 0, length: -1 }))).to.equal('BAD_ARGUMENTS');
    expect(faultOf(() => readLog(at('x.log'), { offset: -1, length: 1 }))).to.equal('BAD_ARGUMENTS');
    expect(faultOf(() => readLog(at('no'), { offset: 0, length: -1 }))).to.equal(`NO_FILE: ${at('no')}`);
  });

  it('finds nothing in /dev/null and fails on other devices', () => {
    expect(readLog('/dev/null', { offset: 0, length: 0 }).length).to.equal(0);
    expect(faultOf(() => readLog('/dev/zero', { offset: 0, length: 0 }))).to.equal('FAILED');
  });
});

describe('tailing a log file', () => {
  const at = useTempFolder();

  it('answers bytes, where the log ends, and whether some were skipped', () => {
    writeFileSync(at('x.log'), '0123456789');
    const { data, offset, overflow } = tailLog(at('x.log'), { offset: 0, length: 4 });
    expect([data.toString(), offset, overflow]).to.deep.equal(['6789', 10, true]);
  });

  it('answers nothing where there is no log', () => {
    const nothing = { data: Buffer.alloc(0), offset: 0, overflow: false };
    expect(tailLog(null, { offset: 5, length: 4 })).to.deep.equal(nothing);
    expect(tailLog(at('no'), { offset: 5, length: 4 })).to.deep.equal(nothing);
  });

  it('answers the offset it was asked for when the log cannot be read', () => {
    mkdirSync(at('folder'));
    const unread = { data: Buffer.alloc(0), offset: 5, overflow: false };
    expect(tailLog(at('folder'), { offset: 5, length: 4 })).to.deep.equal(unread);
  });
});

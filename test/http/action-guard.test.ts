import { expect } from 'chai';
import { ActionToken, refusal } from '../../src/http/action-guard.ts';

describe('the token of the page’s buttons', () => {
  it('is long, stays the same, and is another one for each daemon', () => {
    const token = new ActionToken();
    expect(token.value).to.match(/^[\w-]{43}$/);
    expect(token.value).to.equal(token.value);
    expect(new ActionToken().value).not.to.equal(token.value);
  });

  it('is right only whole', () => {
    const token = new ActionToken();
    expect(token.isRight(token.value)).to.equal(true);
    const wrong = ['', token.value.slice(1), `${token.value}x`, token.value.toLowerCase(), 'ü'.repeat(43)];
    for (const shown of wrong) expect(token.isRight(shown), shown).to.equal(false);
  });
});

describe('who may act', () => {
  const token = new ActionToken();
  const asked = (method: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    refusal({ method, headers, form: new Map(Object.entries(fields)) }, { token, getActions: false });
  const anyhow = (method: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    refusal({ method, headers, form: new Map(Object.entries(fields)) }, { token, getActions: true });
  const stop = { action: 'stop', processname: 'p' };

  it('is a button, which posts the token', () => {
    expect(asked('POST', { ...stop, token: token.value })).to.equal(null);
  });

  it('is no link, even with the token', () => {
    expect(asked('GET', stop)).to.equal('not a button');
    expect(asked('GET', { ...stop, token: token.value })).to.equal('not a button');
  });

  it('is no form without the token, or with that of an earlier daemon', () => {
    expect(asked('POST', stop)).to.equal('not a button');
    expect(asked('POST', { ...stop, token: new ActionToken().value })).to.equal('stale');
  });

  it('is never a page of another site, not even with the token', () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(asked('POST', { ...stop, token: token.value }, headers)).to.equal('foreign');
    expect(anyhow('POST', stop, headers)).to.equal('foreign');
    expect(anyhow('GET', stop, { origin: 'http://evil.example', host: 'd' })).to.equal('foreign');
  });

  it('is whoever asks as under supervisord with get_actions=true', () => {
    expect(anyhow('GET', stop)).to.equal(null);
    expect(anyhow('POST', stop)).to.equal(null);
  });

  it('is a link to refresh, which changes nothing', () => {
    expect(asked('GET', { action: 'refresh' })).to.equal(null);
  });
});

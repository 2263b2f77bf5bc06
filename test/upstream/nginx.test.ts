import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { expect } from 'chai';
import { renderUpstream, replaceFile } from '../../src/upstream/nginx.ts';
import { useTempFolder } from '../support/temp-folder.ts';

describe('the upstream block for nginx', () => {
  it('has every server once, none of which is ever taken out', () => {
    const text = renderUpstream('web', ['127.0.0.1:8000', '127.0.0.1:8001', '127.0.0.1:8000']);
    expect(text.match(/^ {4}server .*$/gm)).to.deep.equal([
      '    server 127.0.0.1:8000 max_fails=0;',
      '    server 127.0.0.1:8001 max_fails=0;',
    ]);
    expect(text).to.match(/^upstream web \{$/m);
  });

  it('keeps connections to the workers open', () => {
    expect(renderUpstream('web', ['127.0.0.1:8000'])).to.match(/^ {4}keepalive 128;$/m);
    expect(
      renderUpstream(
        'web',
        Array.from({ length: 8 }, (_, index) => `127.0.0.1:800${index}`),
      ),
    ).to.match(/^ {4}keepalive 256;$/m);
  });

  it('has one server that is down when there is none, because nginx takes no empty one', () => {
    expect(renderUpstream('web', []).match(/^ {4}server .*$/gm))
      .to.have.length(1)
      .and.match(/ down;/);
  });
});

describe('replacing a file', () => {
  const path = useTempFolder();

  it('writes it whole, readable for everybody, and leaves no draft', () => {
    replaceFile(path('web.conf'), 'one\n');
    replaceFile(path('web.conf'), 'two\n');
    expect(readFileSync(path('web.conf'), 'utf8')).to.equal('two\n');
    expect(statSync(path('web.conf')).mode & 0o444).to.equal(0o444);
    expect(readdirSync(path('.'))).to.deep.equal(['web.conf']);
  });

  it('leaves it alone when nothing changes', () => {
    replaceFile(path('web.conf'), 'one\n');
    utimesSync(path('web.conf'), 1, 1);
    replaceFile(path('web.conf'), 'one\n');
    expect(statSync(path('web.conf')).mtimeMs).to.equal(1000);
  });

  it('leaves no draft behind when it fails', () => {
    mkdirSync(path('web.conf'));
    expect(() => replaceFile(path('web.conf'), 'one\n')).to.throw();
    expect(() => replaceFile(path('missing/web.conf'), 'one\n')).to.throw(/ENOENT/);
    expect(readdirSync(path('.'))).to.deep.equal(['web.conf']);
  });
});

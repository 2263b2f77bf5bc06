import { expect } from 'chai';
import { type TailModel, tailPage } from '../../src/http/tail-page.ts';

const show = (change: Partial<TailModel>): string =>
  tailPage({ identifier: 'supervisor', name: 'g:p', limit: 1024, text: 'a line\n', exists: true, ...change });

describe('the page of a log', () => {
  it('shows the text as it is, from its first line feed on', () => {
    expect(show({ text: '\n<b>\n' })).to.contain('<pre class="log">\n\n&lt;b&gt;\n</pre>');
    expect(show({})).to.contain('<title>Supervisor tail of process g:p</title>');
  });

  it('can be refreshed as it is, and shows more on request', () => {
    const page = show({ limit: 2000 });
    expect(page).to.contain('href="tail.html?processname=g%3Ap&amp;limit=2000">Refresh<');
    expect(page).to.contain('href="tail.html?processname=g%3Ap&amp;limit=262144">Last 256 KB<');
    expect(page).to.contain('href="logtail/g%3Ap/stderr"');
  });

  it('offers no more than a refresh where there is no such process, and nothing without a name', () => {
    const missing = show({ exists: false });
    expect(missing).to.contain('>Refresh<');
    expect(missing).not.to.contain('logtail/');
    expect(show({ name: null, exists: false })).not.to.contain('Refresh');
  });

  it('lets neither name nor text be markup', () => {
    const evil = `"></pre><script>alert('1')</script>`;
    expect(show({ name: evil, text: evil })).not.to.match(/<script|<\/pre>[^]*<\/pre>/);
  });
});

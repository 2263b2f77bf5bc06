import { expect } from 'chai';
import { html } from '../../src/http/html.ts';

describe('an HTML template', () => {
  it('escapes every text that is put into it', () => {
    const text = `<script>alert("x")</script> & 'y'`;
    expect(html`<p title="${text}">${text}</p>`.markup).to.equal(
      '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;">' +
        '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</p>',
    );
  });

  it('takes numbers, templates and lists of templates as they are, and null for nothing', () => {
    const items = ['<', '>'].map((text) => html`<i>${text}</i>`);
    expect(html`<b>${1}${items}${null}${html`<u></u>`}</b>`.markup).to.equal('<b>1<i>&lt;</i><i>&gt;</i><u></u></b>');
  });

  it('does not take a text for a template, whatever it says', () => {
    expect(html`${'{"markup":"<b>"}'}`.markup).to.equal('{&quot;markup&quot;:&quot;&lt;b&gt;&quot;}');
  });
});

import { expect } from 'chai';
import {
  MalformedXml,
  readCall,
  readResult,
  writeCall,
  writeFault,
  writeResult,
  XmlRpcFault,
  type XmlRpcValue,
} from '../../src/rpc/xmlrpc.ts';

const call = (params: string): string =>
  `<?xml version="1.0"?><methodCall><methodName>a.b</methodName><params>${params}</params></methodCall>`;
const callOf = (value: string): string => call(`<param><value>${value}</value></param>`);
const firstParam = (value: string): XmlRpcValue | undefined => readCall(callOf(value)).params[0];

describe('writing XML-RPC', () => {
  it('writes a result with the bytes that supervisord sends', () => {
    expect(writeResult([{ name: 'a<b>&"', pid: 5 }, true, false, ''])).to.equal(
      "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n" +
        '<value><struct>\n<member>\n<name>name</name>\n<value><string>a&lt;b&gt;&amp;"</string></value>\n</member>\n' +
        '<member>\n<name>pid</name>\n<value><int>5</int></value>\n</member>\n</struct></value>\n' +
        '<value><boolean>1</boolean></value>\n<value><boolean>0</boolean></value>\n' +
        '<value><string></string></value>\n</data></array></value>\n</param>\n</params>\n</methodResponse>\n',
    );
  });

  it('writes a fault with the bytes that supervisord sends', () => {
    expect(writeFault(10, 'BAD_NAME: x')).to.equal(
      "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n" +
        '<member>\n<name>faultCode</name>\n<value><int>10</int></value>\n</member>\n' +
        '<member>\n<name>faultString</name>\n<value><string>BAD_NAME: x</string></value>\n</member>\n' +
        '</struct></value>\n</fault>\n</methodResponse>\n',
    );
  });

  it("writes a call with the bytes of Python's client", () => {
    expect(writeCall('supervisor.startProcess', ['web', true])).to.equal(
      "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.startProcess</methodName>\n<params>\n" +
        '<param>\n<value><string>web</string></value>\n</param>\n<param>\n<value><boolean>1</boolean></value>\n</param>\n' +
        '</params>\n</methodCall>\n',
    );
    expect(writeCall('a.b', [])).to.contain('<params>\n</params>\n');
  });

  it('writes dates, bytes and doubles as Python does', () => {
    const text = writeResult([new Date('2026-01-02T03:04:05Z'), Buffer.alloc(60, 'x'), 1.5]);
    expect(text).to.contain('<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>\n');
    expect(text).to.contain(`<value><base64>\n${'eHh4'.repeat(19)}\neHh4\n</base64></value>\n`);
    expect(text).to.contain('<value><double>1.5</double></value>\n');
  });

  it('sends control characters raw, as supervisord does', () => {
    expect(writeResult('\u001b[1m')).to.contain('<string>\u001b[1m</string>');
  });
});

describe('reading XML-RPC calls', () => {
  const values: readonly (readonly [string, XmlRpcValue])[] = [
    ['<string>héllo</string>', 'héllo'],
    ['plain', 'plain'],
    ['', ''],
    ['<string/>', ''],
    ['<int>-5</int>', -5],
    ['<i4> 7 </i4>', 7],
    ['<i8>5000000000</i8>', 5_000_000_000],
    ['<boolean>1</boolean>', true],
    ['<boolean>true</boolean>', false],
    ['<double>-1.5e2</double>', -150],
    ['<base64>aMOp\nbGxv</base64>', 'héllo'],
    ['<array><data></data></array>', []],
    ['<array><data><value>a</value><value><int>1</int></value></data></array>', ['a', 1]],
    ['<struct><member><name>a</name><value>b</value></member></struct>', { a: 'b' }],
    ['<string>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</string>', '<&>"\'AB'],
    ['<string>a<!-- not this -->b<![CDATA[<c>&amp;]]>d</string>', 'ab<c>&amp;d'],
    ['<string>a\r\nb\rc&#13;</string>', 'a\nb\nc\r'],
    [' \n <string>x</string> ', 'x'],
    ['<string>&amp;lt;&#38;gt;&amp;#65;</string>', '&lt;&gt;&#65;'],
    ['<string a="1"  b = \'2\' >x</string >', 'x'],
  ];
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)}`, () => expect(firstParam(text)).to.deep.equal(value));
  }

  it('reads a date', () => {
    expect(firstParam('<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>')).to.deep.equal(
      new Date('2026-01-02T03:04:05Z'),
    );
  });

  it('reads a call without params and one without a method name', () => {
    expect(readCall('<methodCall><methodName>a.b</methodName></methodCall>')).to.deep.equal({
      method: 'a.b',
      params: [],
    });
    expect(readCall('<methodCall/>').method).to.equal('');
  });

  it('reads what it writes', () => {
    const params: XmlRpcValue[] = ['a\tb <&> ü 𝒳', 1, -1, 1.25, true, false, [[], ['x']], { deep: { er: [1] } }];
    expect(readCall(writeCall('a.b', params))).to.deep.equal({ method: 'a.b', params });
  });

  it('takes attributes, comments, a byte order mark and a declared encoding in its stride', () => {
    const text = `\ufeff<?xml version="1.0" encoding="latin-1"?><!-- x --><methodCall xmlns:ex="http://e"><methodName>é</methodName></methodCall>\n`;
    expect(readCall(Buffer.from(text)).method).to.equal('é');
  });

  it('reads millions of bytes in base64', () => {
    expect(firstParam(`<base64>${'AAAA'.repeat(1_000_000)}</base64>`)).to.equal('\0'.repeat(3_000_000));
  });

  it('makes a member called __proto__ an ordinary one', () => {
    const value = firstParam('<struct><member><name>__proto__</name><value>x</value></member></struct>');
    expect(Object.keys(value ?? {})).to.deep.equal(['__proto__']);
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no XML', 'hello'],
    ['another document', '<a></a>'],
    ['an unclosed document', '<methodCall>'],
    ['mismatched tags', '<methodCall><a></b></methodCall>'],
    ['two documents', '<methodCall/><methodCall/>'],
    ['text behind the document', '<methodCall/>x'],
    ['a document type', '<!DOCTYPE methodCall [<!ENTITY a "b">]><methodCall/>'],
    ['an unknown entity', callOf('&a;')],
    ['a bare ampersand', callOf('a & b')],
    ['an entity named like a property', callOf('&constructor;')],
    ['a control character', callOf('\u0001')],
    ['a reference to a control character', callOf('&#1;')],
    ['a reference to a surrogate', callOf('&#xd800;')],
    ['a reference beyond Unicode', callOf('&#x110000;')],
    ['an integer that is none', callOf('<int>x</int>')],
    ['an empty integer', callOf('<int/>')],
    ['a double that is none', callOf('<double>x</double>')],
    ['a date that is none', callOf('<dateTime.iso8601>20261340T00:00:00</dateTime.iso8601>')],
    ['broken base64', callOf('<base64>a</base64>')],
    ['base64 that is not UTF-8', callOf('<base64>/w==</base64>')],
    ['an array without data', callOf('<array></array>')],
    ['a member without a value', callOf('<struct><member><name>a</name></member></struct>')],
    ['a nil', callOf('<nil/>')],
    ['a broken tag', callOf('<string x>a</string>')],
    ['a param without a value', call('<param></param>')],
    ['values nested too deep', callOf('<array><data><value>'.repeat(50))],
    ['too many values', call('<param><value/></param>'.repeat(100_001))],
    ['too much markup', `<methodCall>${'<x/>'.repeat(250_001)}</methodCall>`],
    ['hundreds of thousands of attributes', `<methodCall${' a=""'.repeat(300_000)}/>`],
    ['a reference to an unknown entity behind many others', callOf(`${'&amp;'.repeat(100_000)}&a;`)],
    ['too many references', callOf('&amp;'.repeat(1_000_001))],
    ['a number of millions of digits', callOf(`<int>${'9'.repeat(5_000_000)}</int>`)],
    ['a number with a million spaces in it', callOf(`<int>1${' '.repeat(1_000_000)}1</int>`)],
    ['too much', ' '.repeat(2 ** 24 + 1)],
  ];
  for (const [name, text] of refused) {
    it(`refuses ${name}`, () => expect(() => readCall(text)).to.throw(MalformedXml));
  }

  it('refuses bytes that are not UTF-8', () => {
    expect(() => readCall(Buffer.from(callOf('\u00ff'), 'latin1'))).to.throw(MalformedXml);
  });
});

describe('reading XML-RPC answers', () => {
  it('reads the value of a result', () => {
    expect(readResult(writeResult([{ name: 'a' }, 80]))).to.deep.equal([{ name: 'a' }, 80]);
  });

  it('throws a fault with its code and text', () => {
    expect(() => readResult(writeFault(70, 'NOT_RUNNING: a')))
      .to.throw(XmlRpcFault, /^NOT_RUNNING: a$/)
      .with.property('code', 70);
  });

  it('reads the control characters of a log', () => {
    expect(readResult(writeResult('\u001b[1mbold\u0000'))).to.equal('\u001b[1mbold\u0000');
  });

  it('keeps base64 as bytes', () => {
    expect(readResult(writeResult(Buffer.from([255, 0])))).to.deep.equal(Buffer.from([255, 0]));
  });

  for (const text of ['', '<methodResponse/>', '<methodResponse><params/></methodResponse>', writeCall('a.b', [])]) {
    it(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => expect(() => readResult(text)).to.throw(MalformedXml));
  }
});

// Bodies that nobody should send to /RPC2: each gets its fault or status, others are answered meanwhile, and the daemon's
// children do not notice.
import { expect } from 'chai';
import { describeWith } from '../support/requirements.ts';
import { ask } from '../support/rpc.ts';
import { Abused } from '../support/under-abuse.ts';

const million = 1_000_000;
const call = (method: string, ...values: readonly string[]): string => {
  const params = values.map((value) => `<param><value>${value}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
};
const text = (value: string): string => `<string>${value}</string>`;
const int = (value: number | string): string => `<int>${value}</int>`;
const array = (values: readonly string[]): string =>
  `<array><data>${values.map((value) => `<value>${value}</value>`).join('')}</data></array>`;
const struct = (name: string, value: string): string =>
  `<struct><member><name>${name}</name><value>${value}</value></member></struct>`;
const entities = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`);
const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">${entities.join('')}]>`;
const file = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>';

interface Bad {
  readonly what: string;
  readonly body: () => string | Buffer;
  /** The status, or the name of the fault, or `a value`. */
  readonly gets: number | string;
}

const malformed: readonly Bad[] = [
  { what: 'nothing', body: () => '', gets: 400 },
  { what: 'no XML', body: () => 'hello', gets: 400 },
  { what: 'JSON', body: () => '{"method":"supervisor.getState"}', gets: 400 },
  { what: 'a NUL byte', body: () => call('supervisor.getProcessInfo', 'a\0b'), gets: 400 },
  { what: 'a control character', body: () => call('supervisor.getProcessInfo', 'a\u0001b'), gets: 400 },
  {
    what: 'what is not UTF-8',
    body: () => Buffer.from(call('supervisor.getProcessInfo', 'caf\u00e9'), 'latin1'),
    gets: 400,
  },
  { what: 'UTF-16', body: () => Buffer.from(call('supervisor.getState'), 'utf16le'), gets: 400 },
  { what: 'an unclosed document', body: () => call('supervisor.getState').slice(0, -3), gets: 400 },
  { what: 'crossed tags', body: () => '<methodCall><a><b></a></b></methodCall>', gets: 400 },
  {
    what: 'two documents',
    body: () =>
      call('supervisor.getState')
        .replace(/<\?.*\?>/, '')
        .repeat(2),
    gets: 400,
  },
  { what: 'no method name', body: () => '<methodCall><params/></methodCall>', gets: 400 },
  {
    what: 'entities of entities',
    body: () => `${laughs}<methodCall><methodName>&l9;</methodName></methodCall>`,
    gets: 400,
  },
  {
    what: 'an entity from a file',
    body: () => `${file}<methodCall><methodName>&f;</methodName></methodCall>`,
    gets: 400,
  },
  {
    what: 'a document type from elsewhere',
    body: () => `<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">${call('a.b')}`,
    gets: 400,
  },
  { what: '100000 elements in each other', body: () => `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`, gets: 400 },
  {
    what: '50000 arrays in each other',
    body: () => call('a.b', '<array><data><value>'.repeat(50_000)),
    gets: 400,
  },
  { what: 'an integer that is not a number', body: () => call('supervisor.readLog', int('NaN'), int(0)), gets: 400 },
  {
    what: 'an endless integer',
    body: () => call('supervisor.readLog', int('9'.repeat(10 * million)), int(0)),
    gets: 400,
  },
  {
    what: 'a double that is not a number',
    body: () => call('supervisor.readLog', '<double>NaN</double>', int(0)),
    gets: 400,
  },
  { what: 'an infinite double', body: () => call('supervisor.readLog', '<double>1e999</double>', int(0)), gets: 400 },
  { what: 'megabytes of elements', body: () => `<methodCall>${'<x/>'.repeat(2.5 * million)}</methodCall>`, gets: 400 },
  { what: 'megabytes of attributes', body: () => `<methodCall${' a=""'.repeat(2 * million)}></methodCall>`, gets: 400 },
  { what: 'megabytes of references', body: () => call('&amp;'.repeat(2 * million)), gets: 400 },
  {
    what: 'megabytes of comments',
    body: () => `<methodCall>${'<!---->'.repeat(1.4 * million)}</methodCall>`,
    gets: 400,
  },
  {
    what: 'megabytes of values',
    body: () => call('a.b', array(Array.from({ length: 600_000 }, () => 'a'))),
    gets: 400,
  },
];

const wrong: readonly Bad[] = [
  { what: 'an unknown method', body: () => call('supervisor.nope'), gets: 'UNKNOWN_METHOD' },
  { what: 'an unknown namespace', body: () => call('nope.nope'), gets: 'UNKNOWN_METHOD' },
  {
    what: 'a walk along attributes',
    body: () => call('supervisor.supervisord.options.execve', text('/bin/sh')),
    gets: 'UNKNOWN_METHOD',
  },
  { what: 'a walk along prototypes', body: () => call('supervisor.constructor'), gets: 'UNKNOWN_METHOD' },
  { what: 'a Python attribute', body: () => call('supervisor.__class__'), gets: 'UNKNOWN_METHOD' },
  { what: 'a prototype for a namespace', body: () => call('__proto__.toString'), gets: 'UNKNOWN_METHOD' },
  { what: 'megabytes of dots', body: () => call('x.'.repeat(5 * million)), gets: 'UNKNOWN_METHOD' },
  { what: 'too many arguments', body: () => call('supervisor.getState', int(1)), gets: 'INCORRECT_PARAMETERS' },
  { what: 'too few arguments', body: () => call('supervisor.startProcess'), gets: 'INCORRECT_PARAMETERS' },
  {
    what: 'an array for a name',
    body: () => call('supervisor.startProcess', array(['worker'])),
    gets: 'INCORRECT_PARAMETERS',
  },
  {
    what: 'a struct for a name',
    body: () => call('supervisor.stopProcess', struct('__proto__', 'worker')),
    gets: 'INCORRECT_PARAMETERS',
  },
  {
    what: 'a word for a number',
    body: () => call('supervisor.readLog', text('many'), int(0)),
    gets: 'INCORRECT_PARAMETERS',
  },
  {
    what: 'an endless number in a string',
    body: () => call('supervisor.readLog', text('9'.repeat(10 * million)), int(0)),
    gets: 'INCORRECT_PARAMETERS',
  },
  {
    what: 'a number with spaces in it',
    body: () => call('supervisor.readLog', text(`1${' '.repeat(million)}1`), int(0)),
    gets: 'INCORRECT_PARAMETERS',
  },
  { what: 'a multicall of no array', body: () => call('system.multicall', text('x')), gets: 'INCORRECT_PARAMETERS' },
  { what: 'a negative length', body: () => call('supervisor.readLog', int(0), int(-1)), gets: 'BAD_ARGUMENTS' },
  { what: 'a huge offset', body: () => call('supervisor.readLog', int(2 ** 52), int(5)), gets: 'a value' },
  {
    what: 'a huge length',
    body: () => call('supervisor.readProcessStdoutLog', text('worker'), int(0), int(2 ** 52)),
    gets: 'a value',
  },
  {
    what: 'a name of megabytes',
    body: () => call('supervisor.getProcessInfo', text('n'.repeat(10 * million))),
    gets: 'BAD_NAME',
  },
  {
    what: 'a signal of megabytes',
    body: () => call('supervisor.signalProcess', text('worker'), text('9'.repeat(10 * million))),
    gets: 'BAD_SIGNAL',
  },
  {
    what: 'a name that climbs',
    body: () => call('supervisor.getProcessInfo', text('../../etc/passwd')),
    gets: 'BAD_NAME',
  },
  {
    what: '33000 calls with long answers in one',
    body: () => multicall(33_000, 'supervisor.getAllConfigInfo'),
    gets: 'FAILED',
  },
  { what: '1000 calls in one', body: () => multicall(1000, 'supervisor.getState'), gets: 'a value' },
];

function multicall(count: number, method: string): string {
  return call('system.multicall', array(Array.from({ length: count }, () => struct('methodName', method))));
}

describeWith(['koffi'], 'bodies that nobody should send', () => {
  let abused: Abused;

  before(async () => {
    const many = '[program:many]\ncommand=sleep 1000\nnumprocs=30\nautostart=false\nprocess_name=%(process_num)d\n';
    abused = await Abused.start({ config: many });
  });

  after(() => abused.stop());

  afterEach(() => abused.expectUnharmed());

  for (const { what, body, gets } of [...malformed, ...wrong]) {
    it(`answers ${gets} to ${what}`, async () => {
      const answer = await ask(abused.daemon.address, { method: 'POST', path: '/RPC2', body: Buffer.from(body()) });
      expect(answer.status).to.equal(typeof gets === 'number' ? gets : 200);
      if (typeof gets === 'number') return;
      const fault = /<name>faultString<\/name>\s*<value><string>(\w+)/.exec(answer.body.toString('utf8', 0, 1000));
      // The answer of a multicall may hold faults of its own; none of these does.
      expect(fault?.[1] ?? 'a value').to.equal(gets);
    });
  }

  it('keeps nobody waiting and little in memory over all of them at once', async () => {
    const bodies = [...malformed, ...wrong].map(({ body }) => Buffer.from(body()));
    const effects = await abused.during(async () => {
      await Promise.all(bodies.map((body) => ask(abused.daemon.address, { method: 'POST', path: '/RPC2', body })));
    });
    expect(effects.failures).to.deep.equal([]);
    expect(effects.answers).to.be.at.least(1);
    expect(effects.grownMegabytes).to.be.below(700);
  });
});

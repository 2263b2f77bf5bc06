// What the conformance suite's records are made of: texts without what no two runs have in common, and the things of the
// contract that a scenario tells by itself. Nothing is played here.
import { expect } from 'chai';
import { rowsShownBy } from './compat/coverage.ts';
import { describeStep } from './compat/describe-step.ts';
import { fillIn, normalisePidLines, normaliseText, normaliseValue } from './compat/normalise.ts';
import type { Scenario } from './compat/scenario.ts';

const run = {
  directory: '/tmp/run-x',
  ports: [12345, 23456],
  children: '/src/children',
  bin: '/usr/bin',
  mark: 'MARK=m',
};

describe('what is made equal in a record', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/tmp/run-x/p.log and /src/children/stays.sh', '{dir}/p.log and {children}/stays.sh'],
    ['http://127.0.0.1:12345 and :23456 but 123456', 'http://127.0.0.1:{port} and :{port2} but 123456'],
    ["INFO spawned: 'x' with pid 123", "INFO spawned: 'x' with pid {pid}"],
    ["WARN killing 'x' (123) with SIGKILL", "WARN killing 'x' ({pid}) with SIGKILL"],
    ['pid 17, uptime 1 day, 0:00:10', 'pid {pid}, uptime {time}'],
    ['from_state:RUNNING pid:0', 'from_state:RUNNING pid:0'],
    ['Nov 22 07:37 PM', '{date}'],
    ['2026-11-22 07:37:00,123 INFO x', '{date} INFO x'],
    ['Date: Sun, 22 Nov 2026 07:37:00 GMT', 'Date: {date}'],
    ['?message=All%20stopped%20at%20Sun%20Nov%2022%2007%3A37%3A00%202026', '?message=All%20stopped%20at%20{date}'],
    ['when:1795332060', 'when:{time}'],
    ['2147483647', '2147483647'],
    ['p-stdout---the one-a_b0c1d2.log.1', 'p-stdout---the one-{random}.log.1'],
    [
      'Error: x\n/tmp/run-x/c.conf:3: [p] a=b; accepted: c\nFor help, use /usr/bin/y -h\n',
      'Error: x\nFor help, use {argv0} -h\n',
    ],
    ['CANT_REREAD: bad — /tmp/run-x/c.conf:3: [p] a=b; accepted: c', 'CANT_REREAD: bad'],
    ['exit status 3; 5 passing', 'exit status 3; 5 passing'],
  ];
  for (const [text, normal] of cases) {
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(normal)}`, () => {
      expect(normaliseText(text, run)).to.equal(normal);
    });
  }

  it('a number on a line of its own, where pids are printed', () => {
    expect(normalisePidLines('12\n0\nsupervisor> 7\na 5\n')).to.equal('{pid}\n0\nsupervisor> {pid}\na 5\n');
  });

  it('the numbers of a struct that name a process or a time, unless they are 0', () => {
    const info = { pid: 5, start: 1_795_332_060, stop: 0, exitstatus: 7, list: [{ now: 9 }] };
    expect(normaliseValue(info, run)).to.deep.equal({
      pid: '{pid}',
      start: '{time}',
      stop: 0,
      exitstatus: 7,
      list: [{ now: '{time}' }],
    });
  });

  it('nothing that was filled in stays', () => {
    const text = '{dir} {port} {port2} {children} {node}';
    expect(normaliseText(fillIn(text, run), run)).to.equal(text);
  });
});

describe('the name of a step', () => {
  it('is the step in one line', () => {
    expect(describeStep({ rpc: 'a.b', params: [1, 'x'] })).to.equal('rpc a.b params=[1,"x"]');
    expect(describeStep({ messages: /^x/ })).to.equal('messages /^x/');
    expect(describeStep({ ctl: ['tail', '-f x'] })).to.equal('ctl ["tail","-f x"]');
  });

  it('differs for long steps that differ at their end', () => {
    const [left, right] = ['a', 'b'].map((end) => describeStep({ write: 'f', text: 'x'.repeat(999) + end }));
    expect(left).to.not.equal(right);
    expect(left?.length).to.be.below(150);
  });
});

describe('what a scenario shows', () => {
  const scenario: Scenario = {
    name: 'shows',
    shows: ['program.umask', 'fault BAD_NAME'],
    config: '[eventlistener:l]\nevents=TICK_5, event',
    flags: ['-t', '--umask=022'],
    steps: [
      { rpc: 'system.multicall', params: [[{ methodName: 'supervisor.getState', params: [] }]] },
      { ctl: '-s unix://x -i status all', input: 'avail\n? add\n' },
      { http: 'GET /logtail/x' },
      { raw: 'POST /RPC2 HTTP/1.0\r\n\r\n<methodName>supervisor.getPID</methodName>' },
      { signal: 'HUP' },
      { signal: 'QUIT', to: 'x' },
    ],
  };
  const reference = [
    { step: 'x', fault: 70, text: 'NOT_RUNNING' },
    { step: 'y', value: [{ name: 'p', group: 'p', status: 80, description: 'OK' }] },
    { step: 'z', text: ['ver:3.0 eventname:PROCESS_LOG_STDOUT len:3\n'] },
  ];
  const shown = rowsShownBy(scenario, { reference });

  for (const id of [
    'program.umask',
    'event TICK_5',
    'event EVENT',
    'event PROCESS_LOG_STDOUT',
    'supervisord --configuration',
    'supervisord --strip_ansi',
    'supervisord --umask',
    'system.multicall',
    'supervisor.getState',
    'supervisor.getPID',
    'supervisorctl --serverurl',
    'supervisorctl --interactive',
    'supervisorctl status',
    'supervisorctl avail',
    'supervisorctl help',
    '/logtail/',
    '/RPC2',
    'signal HUP',
    'fault NOT_RUNNING',
    'fault SUCCESS',
  ]) {
    it(`is ${id}`, () => {
      expect([...shown]).to.include(id);
    });
  }

  for (const id of ['signal QUIT', 'supervisord --nodaemon', 'fault BAD_NAME', 'supervisorctl add']) {
    it(`is not ${id}`, () => {
      expect([...shown]).to.not.include(id);
    });
  }
});

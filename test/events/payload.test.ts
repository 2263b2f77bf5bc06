import { expect } from 'chai';
import { eventTypeNames, lineage } from '../../src/base/event-types.ts';
import type { ProcessStateEvent } from '../../src/events/events.ts';
import { envelope, payloadOf, type ToldEvent, typeOf } from '../../src/events/payload.ts';

const change: ProcessStateEvent = {
  type: 'PROCESS_STATE',
  process: 'p',
  group: 'g',
  from: 'RUNNING',
  to: 'EXITED',
  tries: 2,
  pid: 7,
  expected: true,
};
const wrote = { process: 'p', group: 'g', pid: 7, channel: 'stderr', data: Buffer.from('é\n') } as const;

describe('what a listener is told', () => {
  const told: readonly (readonly [ToldEvent, string, string])[] = [
    [{ ...change, to: 'STARTING' }, 'PROCESS_STATE_STARTING', 'processname:p groupname:g from_state:RUNNING tries:2'],
    [{ ...change, to: 'BACKOFF' }, 'PROCESS_STATE_BACKOFF', 'processname:p groupname:g from_state:RUNNING tries:2'],
    [{ ...change, to: 'RUNNING' }, 'PROCESS_STATE_RUNNING', 'processname:p groupname:g from_state:RUNNING pid:7'],
    [{ ...change, to: 'STOPPING' }, 'PROCESS_STATE_STOPPING', 'processname:p groupname:g from_state:RUNNING pid:7'],
    [{ ...change, to: 'STOPPED' }, 'PROCESS_STATE_STOPPED', 'processname:p groupname:g from_state:RUNNING pid:7'],
    [change, 'PROCESS_STATE_EXITED', 'processname:p groupname:g from_state:RUNNING expected:1 pid:7'],
    [
      { ...change, expected: false },
      'PROCESS_STATE_EXITED',
      'processname:p groupname:g from_state:RUNNING expected:0 pid:7',
    ],
    [{ ...change, to: 'FATAL' }, 'PROCESS_STATE_FATAL', 'processname:p groupname:g from_state:RUNNING'],
    [{ ...change, to: 'UNKNOWN' }, 'PROCESS_STATE_UNKNOWN', 'processname:p groupname:g from_state:RUNNING'],
    [{ type: 'PROCESS_LOG', ...wrote }, 'PROCESS_LOG_STDERR', 'processname:p groupname:g pid:7 channel:stderr\né\n'],
    [
      { type: 'PROCESS_LOG', ...wrote, channel: 'stdout', data: Buffer.from([0x88, 0x0a]) },
      'PROCESS_LOG_STDOUT',
      "processname:p groupname:g pid:7 channel:stdout\nUndecodable: b'\\x88\\n'",
    ],
    [
      { type: 'PROCESS_COMMUNICATION', ...wrote, channel: 'stdout' },
      'PROCESS_COMMUNICATION_STDOUT',
      'processname:p groupname:g pid:7\né\n',
    ],
    [
      { type: 'PROCESS_COMMUNICATION', ...wrote },
      'PROCESS_COMMUNICATION_STDERR',
      'processname:p groupname:g pid:7\né\n',
    ],
    [{ type: 'REMOTE_COMMUNICATION', kind: 'mail', data: 'a\nb' }, 'REMOTE_COMMUNICATION', 'type:mail\na\nb'],
    [{ type: 'SUPERVISOR_STATE_CHANGE', state: 'RUNNING' }, 'SUPERVISOR_STATE_CHANGE_RUNNING', ''],
    [{ type: 'SUPERVISOR_STATE_CHANGE', state: 'SHUTDOWN' }, 'SUPERVISOR_STATE_CHANGE_STOPPING', ''],
    [{ type: 'SUPERVISOR_STATE_CHANGE', state: 'RESTARTING' }, 'SUPERVISOR_STATE_CHANGE_STOPPING', ''],
    [{ type: 'TICK', period: 5, when: 1795394090 }, 'TICK_5', 'when:1795394090'],
    [{ type: 'TICK', period: 60, when: 60 }, 'TICK_60', 'when:60'],
    [{ type: 'TICK', period: 3600, when: 3600 }, 'TICK_3600', 'when:3600'],
    [{ type: 'PROCESS_GROUP_ADDED', group: 'g' }, 'PROCESS_GROUP_ADDED', 'groupname:g\n'],
    [{ type: 'PROCESS_GROUP_REMOVED', group: 'g' }, 'PROCESS_GROUP_REMOVED', 'groupname:g\n'],
    [
      { type: 'PROCESS_HEALTH', process: 'p', group: 'g', pid: 7, reason: 'health', text: '3 probes failed' },
      'PROCESS_HEALTH',
      'processname:p groupname:g pid:7 reason:health\n3 probes failed',
    ],
  ];
  for (const [event, type, payload] of told) {
    it(`is ${JSON.stringify(payload)} of ${type}`, () => {
      expect([typeOf(event), payloadOf(event)]).to.deep.equal([type, payload]);
    });
  }

  it('covers every type that is not above another one', () => {
    const above = new Set(eventTypeNames.flatMap((name) => lineage(name).slice(1)));
    const most = eventTypeNames.filter((name) => !above.has(name));
    expect([...new Set(told.map(([, type]) => type))].toSorted()).to.deep.equal(most.toSorted());
  });

  it('is announced by a line whose len counts code points', () => {
    const about = { identifier: 'me', serial: 3, pool: 'lst', poolSerial: 1, type: 'REMOTE_COMMUNICATION' } as const;
    expect(envelope({ ...about, payload: 'héllo €😀' })).to.equal(
      'ver:3.0 server:me serial:3 pool:lst poolserial:1 eventname:REMOTE_COMMUNICATION len:8\n',
    );
    expect(envelope({ ...about, payload: '' })).to.match(/ len:0\n$/);
  });
});

describe('the types of events', () => {
  it('are each one of the types above them', () => {
    expect(lineage('PROCESS_STATE_FATAL')).to.deep.equal(['PROCESS_STATE_FATAL', 'PROCESS_STATE', 'EVENT']);
    expect(lineage('REMOTE_COMMUNICATION')).to.deep.equal(['REMOTE_COMMUNICATION', 'EVENT']);
    expect(lineage('EVENT')).to.deep.equal(['EVENT']);
  });
});

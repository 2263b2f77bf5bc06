// Same file, same answers: the real supervisord and corevisord are given the same configuration and the same commands,
// through supervisorctl and through corevisorctl, and have to say the same. What corevisorctl says to the real supervisord
// is the matter of ctl-real-daemon.test.ts.
import { expect } from 'chai';
import { play, type Players, type Scenario, type Transcript } from '../support/compare.ts';
import { modesUnderTest } from '../support/modes.ts';
import { describeWith } from '../support/requirements.ts';
import { child } from '../support/run-supervisord.ts';

const stays = (name: string, options = ''): string =>
  `[program:${name}]\ncommand=${child('stays.sh')} ${name}\n${options}\n`;

const team = `
${stays('alone')}
${stays('manual', 'autostart=false')}
${stays('left', 'priority=20')}
${stays('right', 'priority=10')}
${stays('many', 'numprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\npriority=5')}
${stays('this-is-a-program-with-quite-a-long-name', 'autostart=false')}
[group:pair]
programs=left,right
priority=500
[program:done]
command=${child('exits-with.sh')} 3
exitcodes=3
startsecs=0
[program:missing]
command=%(here)s/nowhere --flag
startretries=0
[program:plain]
command=%(here)s/plain.txt
autostart=false
[program:quick]
command=${child('exits-with.sh')} 1
startsecs=5
startretries=0
autostart=false
`;
const settled = [
  { waitFor: 'alone', state: 'RUNNING' },
  { waitFor: 'pair:left', state: 'RUNNING' },
  { waitFor: 'many:many_01', state: 'RUNNING' },
  { waitFor: 'missing', state: 'FATAL' },
  { waitFor: 'done', state: 'EXITED' },
] as const;

const scenarios: readonly Scenario[] = [
  {
    name: 'looking around',
    config: team,
    steps: [
      ...settled,
      { run: 'status' },
      { run: 'status all' },
      { run: 'status alone' },
      { run: 'status pair:* missing' },
      { run: 'status pair:left nobody many: nogroup:*' },
      { run: 'status pair' },
      { run: 'status manual' },
      { run: 'pid' },
      { run: 'pid alone pair:right' },
      { run: 'pid manual' },
      { run: 'pid nobody' },
      { run: 'pid all' },
      { run: 'avail' },
      { run: 'version' },
      { run: 'bogus command' },
      { run: 'version now' },
      { run: 'avail now' },
    ],
  },
  {
    name: 'asking for help',
    config: '',
    steps: [
      { run: 'help' },
      { run: 'help start' },
      {
        run: '',
        input: `help\n\n?\nbogus\n${'add exit open reload restart start tail avail fg pid remove shutdown status update clear maintail quit reread signal stop version help bogus'
          .split(' ')
          .map((topic) => `help ${topic}\n`)
          .join('')}status\nversion\nexit\n`,
      },
      { run: '', input: 'pid\n' },
      { run: '-i version', input: '' },
    ],
  },
  {
    name: 'starting and stopping',
    config: team,
    files: { 'plain.txt': 'no program\n' },
    steps: [
      ...settled,
      { run: 'start' },
      { run: 'stop' },
      { run: 'restart' },
      { run: 'start manual' },
      { run: 'start manual' },
      { run: 'stop manual' },
      { run: 'stop manual' },
      { run: 'start nobody' },
      { run: 'start nogroup:*' },
      { run: 'stop nobody pair:nobody' },
      { run: 'stop nogroup:*' },
      { run: 'start missing' },
      { run: 'start plain' },
      { run: 'start quick' },
      { run: 'start manual missing alone' },
      { run: 'restart manual quick' },
      { run: 'stop pair:* manual', unordered: true },
      { run: 'status pair:*' },
      { run: 'start pair:left' },
      { run: 'start pair:*' },
      { run: 'start pair:*' },
      { run: 'restart many:*', unordered: true },
      { run: 'stop all', unordered: true },
      { run: 'status' },
      { run: 'stop all' },
      { run: 'stop pair:*' },
      { run: 'pid alone' },
    ],
  },
  {
    name: 'sending signals',
    config: `${team}[program:listens]\ncommand=${child('notes-signals.sh')} %(here)s/signals\n`,
    steps: [
      ...settled,
      { waitForText: 'ready', in: 'signals' },
      { run: 'signal' },
      { run: 'signal HUP' },
      { run: 'signal HUP listens' },
      { waitForText: 'HUP', in: 'signals' },
      { run: 'signal sigusr1 listens' },
      { waitForText: 'USR1', in: 'signals' },
      { run: 'signal 12 listens' },
      { waitForText: 'USR2', in: 'signals' },
      { run: 'signal NOPE listens' },
      { run: 'signal HUP nobody' },
      { run: 'signal HUP manual' },
      { run: 'signal 0 pair:*', unordered: true },
      { run: 'signal 0 nogroup:*' },
      { run: 'signal 0 all', unordered: true },
    ],
  },
  {
    name: 'reading logs',
    config: `
[program:talks]
command=${child('writes-lines.sh')} 300 word
stdout_logfile=%(here)s/talks.out
stderr_logfile=%(here)s/talks.err
[program:silent]
command=${child('stays.sh')}
stdout_logfile=NONE
stderr_logfile=NONE
[program:echo]
command=${child('echoes-stdin.sh')}
stdout_logfile=%(here)s/echo.out
[program:unstarted]
command=${child('stays.sh')}
autostart=false
stdout_logfile=%(here)s/unstarted.out
`,
    steps: [
      { waitForText: 'error 300\n', in: 'talks.err' },
      { waitFor: 'silent', state: 'RUNNING' },
      { waitFor: 'echo', state: 'RUNNING' },
      { run: 'tail' },
      { run: 'tail talks' },
      { run: 'tail -20 talks' },
      { run: 'tail -20 talks stderr' },
      { run: 'tail -20 talks STDOUT' },
      { run: 'tail -20 talks stdwhat' },
      { run: 'tail -x talks' },
      { run: 'tail -20' },
      { run: 'tail a b c d' },
      { run: 'tail silent' },
      { run: 'tail unstarted' },
      { run: 'tail nobody' },
      { run: 'tail -f talks', interruptWhen: 'word 300\n' },
      { run: 'tail -f talks stderr', interruptWhen: 'error 300\n' },
      { run: 'tail -f nobody', interruptWhen: 'never' },
      { run: 'clear' },
      { run: 'clear nobody' },
      { run: 'clear talks silent' },
      { run: 'tail talks' },
      { run: 'clear all' },
      { run: 'maintail -x' },
    ],
  },
  {
    name: 'changing the configuration',
    config: `${stays('kept')}${stays('changed')}${stays('dropped')}${stays('stopped', 'autostart=false')}`,
    steps: [
      { waitFor: 'kept', state: 'RUNNING' },
      { waitFor: 'changed', state: 'RUNNING' },
      { waitFor: 'dropped', state: 'RUNNING' },
      { run: 'reread' },
      { run: 'update' },
      { run: 'reread now' },
      {
        config: `${stays('kept')}${stays('changed', 'startsecs=2')}${stays('fresh')}${stays('stopped', 'autostart=false\nexitcodes=1')}`,
      },
      { run: 'add fresh' },
      { run: 'reread' },
      { run: 'avail' },
      { run: 'add' },
      { run: 'remove' },
      { run: 'add fresh kept nobody' },
      { run: 'remove kept' },
      { run: 'remove nobody' },
      { run: 'update nobody' },
      { run: 'update changed' },
      { waitFor: 'changed', state: 'RUNNING' },
      { run: 'update all', unordered: true },
      { run: 'status' },
      { run: 'reread' },
      { run: 'stop kept' },
      { run: 'remove kept' },
      { run: 'status kept' },
      { run: 'add kept' },
      { waitFor: 'kept', state: 'RUNNING' },
      { config: stays('kept', 'startsecs=soon') },
      { run: 'reread' },
      { run: 'update' },
      { run: 'avail' },
      { config: 'no option\n' },
      { run: 'reread' },
      { run: 'status' },
    ],
  },
  {
    name: 'reloading',
    asCommands: true,
    config: `${stays('one')}${stays('two')}`,
    steps: [
      { waitFor: 'one', state: 'RUNNING' },
      { run: 'reload now' },
      { config: `${stays('one')}${stays('three')}` },
      { run: 'reload' },
      { waitForMessage: /^INFO supervisord started with pid/, count: 2 },
      { waitForMessage: /^INFO success: three entered RUNNING state/ },
      { run: 'status' },
    ],
  },
  {
    name: 'ending',
    config: `[program:slow]\ncommand=${child('stops-when-told.sh')} %(here)s/told\nstopwaitsecs=60\n${stays('other')}`,
    steps: [
      { waitFor: 'slow', state: 'RUNNING' },
      { waitFor: 'other', state: 'RUNNING' },
      { run: 'shutdown now' },
      { run: 'shutdown' },
      { waitForMessage: /^INFO waiting for .* to die/ },
      { run: 'shutdown' },
      { run: 'reload' },
      { run: 'status' },
      { run: 'pid' },
      { run: 'start other' },
      { run: 'avail' },
      { run: 'reread' },
      { run: 'update' },
      { run: 'add other' },
      { write: 'told', text: '' },
      { waitForEnd: true },
      { run: 'status' },
      { run: 'pid' },
      { run: 'start other' },
      { run: 'version' },
      { run: 'reread' },
      { run: 'shutdown' },
      { run: '-s http://127.0.0.1:9 status' },
      { run: '-s http://127.0.0.1:9 stop other' },
      { run: '-s nonsense status' },
    ],
  },
  {
    name: 'living and dying',
    config: `
[program:quick]
command=${child('exits-with.sh')} 7
startsecs=5
startretries=1
[program:obeys]
command=${child('notes.sh')} %(here)s/obeys obeys
autostart=false
[program:stubborn]
command=${child('ignores-term.sh')}
stdout_logfile=%(here)s/stubborn
stopwaitsecs=1
autostart=false
[program:brief]
command=${child('exits-with.sh')} 0 2
autostart=false
`,
    steps: [
      { waitFor: 'quick', state: 'FATAL' },
      { run: 'start obeys' },
      { run: 'stop obeys' },
      { run: 'start stubborn' },
      { waitForText: 'ready', in: 'stubborn' },
      { run: 'stop stubborn' },
      { run: 'start brief' },
      { waitFor: 'brief', state: 'EXITED' },
      { run: 'status' },
      { run: 'start obeys' },
    ],
  },
];

const [ours] = modesUnderTest();
const original: Players = { daemon: 'reference', ctl: 'supervisorctl' };
const pairs: readonly (Players & { readonly title: string })[] = [
  { title: 'corevisord answers supervisorctl as supervisord does', daemon: ours, ctl: 'supervisorctl' },
  { title: 'corevisord answers corevisorctl the same', daemon: ours, ctl: 'corevisorctl' },
];

describeWith(['supervisord', 'koffi'], 'same file, same answers', () => {
  for (const scenario of scenarios) {
    describe(scenario.name, () => {
      let played: ReadonlyMap<Players, PromiseSettledResult<Transcript>>;

      before(async function () {
        this.timeout(180_000);
        const players = [original, ...pairs];
        const results = await Promise.allSettled(players.map((each) => play(scenario, each)));
        played = new Map(
          players.flatMap((each, index) => results.slice(index, index + 1).map((result) => [each, result])),
        );
      });

      const transcript = (players: Players): Transcript => {
        const result = played.get(players);
        if (result?.status === 'fulfilled') return result.value;
        throw result?.reason ?? new Error('not played');
      };

      for (const pair of pairs) {
        it(pair.title, () => {
          expect(transcript(original).answers).not.to.deep.equal([]);
          expect(transcript(pair).answers.join('\n\n')).to.equal(transcript(original).answers.join('\n\n'));
        });
      }

      it('corevisord logs the same messages', () => {
        const [pair = original] = pairs;
        expect(said(transcript(pair))).to.deep.equal(said(transcript(original)));
      });

      if (scenario.name === 'living and dying') {
        it('corevisord writes the same activity log, message for message', () => {
          const [pair = original] = pairs;
          expect(transcript(pair).messages.join('\n')).to.equal(transcript(original).messages.join('\n'));
        });
      }
    });
  }
});

/**
 * The different messages, in no order; without those that depend on how long something took, and without ours that say
 * why a group counts as changed.
 */
function said({ messages }: Transcript): string[] {
  const passing = /^INFO (waiting for |reaped unknown pid |success: .* than 0 seconds|\S+: changed \(.* -> )/;
  const lasting = messages.filter((line) => !passing.test(line));
  return [...new Set(lasting)].toSorted();
}

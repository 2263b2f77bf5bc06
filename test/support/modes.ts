// The modes in which the daemon is tested, and the table of which story runs in which.
//
// native     the built daemon with its native calls
// portable   the same daemon under `node --no-addons`, so that koffi does not load
// reference  the real supervisord; only with COREVISOR_E2E_AGAINST=reference, to check that the tests themselves state
//            supervisord's behaviour
import type { Suite } from 'mocha';
import { describeWith, leaveOut, type RequirementName } from './requirements.ts';

export type Mode = 'native' | 'portable' | 'reference';

interface Story {
  /** True, or why the portable path cannot keep this promise: the only tests that may be left out with CI=true. */
  readonly portable: true | string;
  /** False for what supervisord does not have or does otherwise. */
  readonly reference?: false;
  readonly needs?: readonly RequirementName[];
}

const stories = {
  'telling event listeners': { portable: true },
  'surviving event listeners': { portable: true, reference: false },
  'starting programs': { portable: true },
  'starting lean': {
    portable: 'without native calls children are made by child_process, which loads much',
    reference: false,
  },
  'giving memory back': { portable: 'the kernel is told by a native call', reference: false },
  'restarting what ended': { portable: true },
  'replacing a killed process at once': {
    portable: 'how fast it is back is promised with native calls only',
    reference: false,
  },
  'backing off': { portable: true },
  'stopping programs': { portable: true },
  'shutting down': { portable: true },
  'depending on other programs': { portable: true, reference: false },
  'depending on other programs by supervisorctl': { portable: true, reference: false, needs: ['supervisord'] },
  'ending the whole tree': {
    portable: 'descendants whose parent has died come to the daemon with native calls only',
    reference: false,
  },
  'ending because an essential process ended': { portable: true, reference: false },
  'the time for a shutdown': { portable: true, reference: false },
  'leaving behind what cannot be killed': { portable: true, reference: false, needs: ['root', 'python3'] },
  'saying why': { portable: true, reference: false },
  'burying orphans': { portable: 'only native calls can bury orphans', reference: false },
  'burying a fork bomb': {
    portable: 'only native calls can bury orphans',
    reference: false,
    needs: ['python3'],
  },
  'surviving what children do': { portable: true, reference: false },
  'surviving a storm of crashes': { portable: true, reference: false },
  'starts that fail': { portable: true },
  'starts that fail for want of room': { portable: true, reference: false },
  'a wall clock that is set': { portable: true, reference: false, needs: ['faketime'] },
  'looking after the health of processes': { portable: true, reference: false },
  'signals to the daemon': { portable: true },
  'changing the configuration': { portable: true },
  'restarting with rules': { portable: true, reference: false },
  'surviving a broken configuration': { portable: true, reference: false },
  'rolling restarts': { portable: true, reference: false },
  'scaling and updating': { portable: true, reference: false },
  'scaling and updating by supervisorctl': { portable: true, reference: false, needs: ['supervisord'] },
  'rolling restarts behind nginx': { portable: true, reference: false, needs: ['nginx'] },
  'reading env files': { portable: true, reference: false },
  'preloading the worker module': { portable: true, reference: false },
  'preloading the worker module as another user': {
    portable: 'another user can be asked for with native calls only',
    reference: false,
    needs: ['root'],
  },
  'refusing bad input': { portable: true },
  'refusing bad input in our own words': { portable: true, reference: false },
  'keeping logs': { portable: true },
  'passing output through': { portable: true, reference: false },
  'losing no output': { portable: true },
  "writing to the system's log": { portable: 'the syslog socket needs native calls', needs: ['namespaces', 'koffi'] },
  "surviving the system's log": {
    portable: 'the syslog socket needs native calls',
    reference: false,
    needs: ['namespaces', 'koffi'],
  },
  'the place a child runs in': { portable: true },
  'the user a child runs as': { portable: true, needs: ['root', 'namespaces'] },
  'one process per core': { portable: true, reference: false },
  'one process per core of the affinity': { portable: true, reference: false, needs: ['taskset'] },
  'killing the daemon': { portable: true, reference: false, needs: ['setpriv'] },
  'surviving bugs of its own': { portable: true, reference: false, needs: ['setpriv'] },
  'guarding the control socket': { portable: true },
  'the pidfile': { portable: true },
  'answering health checks': { portable: true, reference: false },
  'a daemon that is told to end while a load balancer sends it traffic': { portable: true, reference: false },
  'keeping nginx up whatever becomes of its servers': { portable: true, reference: false, needs: ['nginx'] },
  'telling metrics': { portable: true, reference: false },
  'sleeping while nobody asks': { portable: true, reference: false, needs: ['strace'] },
  'replacing the embedded proxy': {
    portable: 'a socket that listens, but that the daemon accepts nothing on, needs native calls',
    reference: false,
  },
  'ending with the embedded proxy': { portable: true, reference: false },
  'serving through nginx': { portable: true, reference: false, needs: ['nginx'] },
  'serving FastCGI programs behind nginx': {
    portable: 'a socket that listens, but that the daemon accepts nothing on, needs native calls',
    needs: ['nginx', 'phpCgi', 'fcgiwrap', 'root'],
  },
  'replacing a FastCGI process while nginx passes requests on': {
    portable: 'a socket that listens, but that the daemon accepts nothing on, needs native calls',
    reference: false,
    needs: ['nginx', 'phpCgi', 'root'],
  },
  'the socket of a FastCGI program': {
    portable: 'a socket that listens, but that the daemon accepts nothing on, needs native calls',
    needs: ['root'],
  },
  'a FastCGI socket that cannot be made': {
    portable: 'a socket that listens, but that the daemon accepts nothing on, needs native calls',
    reference: false,
  },
  'running the development configuration': { portable: true, reference: false },
  'saying what the portable path lacks': { portable: true, reference: false },
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof stories;

/** `describe`s a story once for each mode that the table names; `body` gets the mode to start daemons in. */
export function describeStory(name: StoryName, body: (mode: Mode, suite: Suite) => void): void {
  const story: Story = stories[name];
  const needs = story.needs ?? [];
  describe(name, () => {
    for (const mode of modesUnderTest()) {
      const title = `in ${mode} mode`;
      const inMode = function (this: Suite): void {
        body(mode, this);
      };
      if (mode === 'reference' && story.reference === false) continue;
      if (mode === 'portable' && story.portable !== true) leaveOut({ title, reason: story.portable, body: inMode });
      else describeWith([...needs, ...neededFor[mode]], title, inMode);
    }
  });
}

const neededFor: Readonly<Record<Mode, readonly RequirementName[]>> = {
  native: ['koffi'],
  portable: [],
  reference: ['supervisord'],
};

/** The modes of this run, the main one first. */
export function modesUnderTest(): readonly [Mode, ...Mode[]] {
  return process.env['COREVISOR_E2E_AGAINST'] === 'reference' ? ['reference'] : ['native', 'portable'];
}

import { expect } from 'chai';
import type { Libc } from '../../src/os/libc.ts';
import { type Reaper, startReaper } from '../../src/os/reaper.ts';

/** Children that have ended, as waitid and waitpid know them; every other call succeeds and does nothing. */
class FakeChildren {
  readonly ended: { readonly pid: number; readonly status: number }[] = [];
  readonly buried: number[] = [];
  readonly libc: Libc;

  constructor() {
    const known: Partial<Libc> = {
      waitid: (...[, , info]) => {
        info?.writeInt32LE(this.ended[0]?.pid ?? 0, 16);
        return 0;
      },
      waitpid: (...[pid, status]) => {
        const index = this.ended.findIndex((child) => child.pid === pid);
        const [child] = index === -1 ? [] : this.ended.splice(index, 1);
        if (child === undefined) return -1;
        status?.writeInt32LE(child.status, 0);
        this.buried.push(child.pid);
        return pid;
      },
      prctl: () => 0,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reaper calls nothing else
    this.libc = known as Libc;
  }
}

describe('the reaper', () => {
  let children: FakeChildren;
  let told: string[];
  let reaper: Reaper;

  beforeEach(() => {
    children = new FakeChildren();
    told = [];
    reaper = startReaper({ libc: children.libc, onOrphan: (pid) => told.push(`orphan ${pid}`) });
  });

  afterEach(() => reaper.stop());

  /** A child that ends with 0 after SIGCHLD was looked at. */
  function expectChild(pid: number, onExit = (): void => void told.push(`child ${pid}`)): void {
    reaper.expect(pid, onExit);
    children.ended.push({ pid, status: 0 });
  }

  it('tells of a child in the step that buries it, before the next is buried', async () => {
    const buriedWhenTold: number[][] = [];
    for (const pid of [4001, 4002]) expectChild(pid, () => buriedWhenTold.push([...children.buried]));
    await turn();
    expect(buriedWhenTold).to.deep.equal([[4001], [4001, 4002]]);
  });

  it('tells ours from orphans', async () => {
    expectChild(4001);
    children.ended.push({ pid: 4002, status: 0 });
    await turn();
    expect(told).to.deep.equal(['child 4001', 'orphan 4002']);
    expect(reaper.buried).to.equal(1);
  });

  it('lets the loop turn when those who are told take long, and forgets nobody', async () => {
    for (let pid = 4001; pid <= 4003; pid += 1) {
      expectChild(pid, () => {
        told.push(`child ${pid}`);
        for (const end = performance.now() + 11; performance.now() < end;); // longer than a turn's share
      });
    }
    await turn();
    expect(told).to.deep.equal(['child 4001']);
    while (told.length < 3) await turn();
    expect(children.ended).to.deep.equal([]);
  });

  it('goes on after somebody who was told has thrown', async () => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', () => told.push('thrown'));
    expectChild(4001, () => {
      throw new Error('a bug');
    });
    expectChild(4002);
    while (!told.includes('child 4002')) await turn();
    for (const listener of others) process.on('uncaughtException', listener);
    expect(told).to.deep.equal(['thrown', 'child 4002']);
  });
});

/** The end of the next turn in which immediates run. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

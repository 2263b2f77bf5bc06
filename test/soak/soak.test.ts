// A short soak, in every build: enough for what is kept of each call, restart, event or piece of output to show. The full
// one is `npm run soak`.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { describeWith } from '../support/requirements.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { runSoak, type Outcome, type SoakOrder } from './run-soak.ts';
import { findGrowth, type Bounds } from './verdict.ts';

/** The first portion is so short that V8 still compiles and learns after it, which is 1 to 2 MB of 16. */
const bounds: Bounds = { memory: 0.2, busyMemory: 0.35, descriptors: 0.05 };

const soak = async (more: Partial<SoakOrder> = {}): Promise<Outcome> =>
  await runSoak({
    volume: { restarts: 1500, calls: 9000, bytes: 3e8 },
    portions: 5,
    restMs: 1500,
    looks: 3,
    report: () => undefined,
    ...more,
  });

describeWith(['koffi'], 'a daemon under load', function () {
  this.timeout(240_000);
  const path = useTempFolder();

  it('holds as much memory, descriptors, threads and timers after it as at its beginning', async () => {
    const { done, tenths, failures } = await soak();
    expect(failures).to.deep.equal([]);
    expect(done.restarts).to.be.at.least(1500);
    expect(done.calls).to.be.at.least(9000);
    expect(done.events).to.be.greaterThan(1500);
    expect(findGrowth(tenths, bounds), JSON.stringify(tenths)).to.deep.equal([]);
  });

  it('is found out when it keeps a kilobyte of each call, or a descriptor of some', async () => {
    const leak = path('leaks.cjs');
    writeFileSync(
      leak,
      `const { Server } = require('node:http');
      const { openSync } = require('node:fs');
      const { emit } = Server.prototype;
      const kept = [];
      Server.prototype.emit = function (name, ...rest) {
        if (name === 'request') kept.push(Array.from({ length: 128 }, () => kept.length));
        if (name === 'request' && kept.length % 100 === 0) openSync('/dev/null');
        return emit.call(this, name, ...rest);
      };`,
    );
    const { tenths } = await soak({ preload: leak, portions: 3, volume: { restarts: 50, calls: 9000, bytes: 1e6 } });
    const found = findGrowth(tenths, bounds).join('\n');
    expect(found).to.match(/private memory grew from/);
    expect(found).to.match(/open descriptors grew from/);
  });
});

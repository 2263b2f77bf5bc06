// The daemon's executable. Its first lines are two settings that only work early: a small young generation (19 MB of
// private memory after garbage instead of 45) and handlers for signals, which PID 1 is not sent without.

import { realpathSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { stackOf } from '../base/errors.ts';
import { runDaemon } from '../daemon.ts';
import { onSignals } from '../os/signals.ts';

setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--optimize-for-size');
const signals = onSignals();

const [, name = 'corevisord', ...argv] = process.argv;
runDaemon({ argv, name, bundles: dirname(realpathSync(name)), signals }).then(
  (status) => process.exit(status),
  (error: unknown) => {
    writeSync(2, `${stackOf(error)}\n`);
    process.exit(1);
  },
);

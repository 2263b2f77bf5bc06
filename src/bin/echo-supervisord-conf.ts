#!/usr/bin/env node
// `echo_supervisord_conf`, as supervisord's package has it: prints a sample configuration to begin with.

import { sampleConfiguration } from '../config/sample.ts';
import { OutputClosed, writeAll } from '../ctl/screen.ts';

try {
  writeAll(1, sampleConfiguration());
} catch (error) {
  if (!(error instanceof OutputClosed)) throw error;
  if (error.complaint !== null) process.stderr.write(`Error: ${error.complaint}\n`);
  process.exitCode = 1;
}

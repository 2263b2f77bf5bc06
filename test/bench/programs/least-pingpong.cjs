// least-pingpong.cjs MILLISECONDS LISTENER...: the least Node program that sends events to a listener, one after the other.
const { spawn } = require('node:child_process');

const [, , milliseconds, listener, ...words] = process.argv;
const payload = 'processname:speaker groupname:speaker pid:12345\none event of a benchmark, with few words';
const head = 'ver:3.0 server:supervisor serial:1 pool:listener poolserial:1 eventname:PROCESS_COMMUNICATION_STDOUT';
const event = Buffer.from(`${head} len:${payload.length}\n${payload}`);
const child = spawn(listener, words, { stdio: ['pipe', 'pipe', 'ignore'] });
const until = Date.now() + Number(milliseconds);
let missing = 'READY\n'.length;

child.stdout.on('data', (chunk) => {
  missing -= chunk.length;
  if (missing > 0 || Date.now() > until) return;
  missing = 'RESULT 2\nOKREADY\n'.length;
  child.stdin.write(event);
});
process.on('SIGTERM', () => {
  child.kill('SIGKILL');
  process.exit();
});

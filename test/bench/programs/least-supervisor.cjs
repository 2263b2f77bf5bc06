// least-supervisor.cjs N PROGRAM...: the least Node program that keeps so many children: another for each that ends, and TERM
// to all on TERM.
const { spawn } = require('node:child_process');

const [, , count, program, ...words] = process.argv;
const children = new Set();
let ending = false;

function start() {
  const child = spawn(program, words, { stdio: 'ignore' });
  children.add(child);
  child.on('exit', () => {
    children.delete(child);
    if (!ending) setImmediate(start);
  });
}

process.on('SIGTERM', () => {
  ending = true;
  for (const child of children) child.kill('SIGTERM');
});
for (let number = 0; number < Number(count); number += 1) start();

// least-mover.cjs FILE MAXBYTES N PROGRAM...: the least Node program that moves what so many children write to files, which
// are renamed when they are full; 0 is never.
const { spawn } = require('node:child_process');
const { closeSync, openSync, renameSync, writeSync } = require('node:fs');

const [, , file, most, count, program, ...words] = process.argv;

function move(path) {
  let fd = openSync(path, 'a');
  let size = 0;
  spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.on('data', (chunk) => {
    writeSync(fd, chunk);
    size += chunk.length;
    if (Number(most) === 0 || size < Number(most)) return;
    renameSync(path, `${path}.1`);
    closeSync(fd);
    fd = openSync(path, 'a');
    size = 0;
  });
}

for (let number = 0; number < Number(count); number += 1) move(`${file}.${number}`);
// It stays, as a supervisor does.
setInterval(() => {}, 1e9);

// least-status.cjs SOCKET FILE: the least Node program that asks a daemon something: sends the file and prints the answer.
const { readFileSync, writeSync } = require('node:fs');
const { connect } = require('node:net');

const [, , path, file] = process.argv;
connect(path)
  .on('data', (chunk) => writeSync(1, chunk))
  .end(readFileSync(file));

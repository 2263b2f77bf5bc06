// least-server.cjs SOCKET FILE: the least HTTP server in Node; it answers every request with the bytes of the file.
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

const [, , socket, file] = process.argv;
const body = readFileSync(file);

createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': body.length });
    response.end(body);
  });
}).listen(socket);

// corevisorctl where things go wrong around it: servers that are no daemon, and output that nobody takes. Whatever it is, one
// line says so; never a stack trace. The lines about servers are supervisorctl's for the same answers.
import { createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { ctlCommand, run, runCtl } from '../support/ctl.ts';
import { useTempFolder } from '../support/temp-folder.ts';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n';
const ok = (body: string): string => `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const value = (xml: string): string =>
  ok(`<?xml version='1.0'?><methodResponse><params><param><value>${xml}</value></param></params></methodResponse>`);

/** What a server answers, and what `avail` makes of it. */
const servers: readonly { readonly what: string; readonly says: string | Buffer; readonly error: string | RegExp }[] = [
  {
    what: 'fails',
    says: 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops',
    error: `<class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 500 Internal Server Error>`,
  },
  {
    what: 'sends elsewhere',
    says: 'HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n',
    error: `<class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 301 Moved>`,
  },
  {
    what: 'answers a web page',
    says: ok('<html><body>hi</body></html>'),
    error: `<class 'xmlrpc.client.ResponseError'>, ResponseError()`,
  },
  { what: 'answers prose', says: ok('hello there'), error: /^<class 'xml\.parsers\.expat\.ExpatError'>, \S/ },
  { what: 'answers nothing at all', says: ok(''), error: /^<class 'xml\.parsers\.expat\.ExpatError'>, \S/ },
  {
    what: 'hangs up',
    says: '',
    error: `<class 'http.client.RemoteDisconnected'>, Remote end closed connection without response`,
  },
  { what: 'is no web server', says: 'SSH-2.0-OpenSSH_9.2\r\n', error: /^<class 'http\.client\.BadStatusLine'>, \S/ },
  {
    what: 'answers bytes',
    says: Buffer.from([0, 1, 255, 10, 10]),
    error: /^<class 'http\.client\.BadStatusLine'>, \S/,
  },
  {
    what: 'hangs up in the middle of an answer',
    says: `${head}Content-Length: 400\r\n\r\n<?xml version="1.0"?><methodResp`,
    error: `<class 'http.client.IncompleteRead'>, IncompleteRead(32 bytes read, 368 more expected)`,
  },
  {
    what: 'hangs up in the middle of an answer of unknown length',
    says: `${head}Transfer-Encoding: chunked\r\n\r\nff\r\nhello`,
    error: `<class 'http.client.IncompleteRead'>, IncompleteRead(0 bytes read)`,
  },
  { what: 'answers a number', says: value('<int>3</int>'), error: /^<class 'TypeError'>, \S/ },
  {
    what: 'answers a list of numbers',
    says: value('<array><data><value><int>3</int></value></data></array>'),
    error: /^<class 'TypeError'>, \S/,
  },
  { what: 'answers a document type', says: ok('<!DOCTYPE x [<!ENTITY a "b">]><methodResponse/>'), error: /ExpatError/ },
];

describe('corevisorctl and a server that', () => {
  const path = useTempFolder();
  const open = new Set<Server>();
  afterEach(() => {
    for (const server of open) server.close();
    open.clear();
  });

  const serve = async (answer: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    open.add(server);
    await new Promise<void>((listening) => server.listen(path('server.sock'), listening));
    return `unix://${path('server.sock')}`;
  };

  for (const { what, says, error } of servers) {
    it(`${what} is one line and exit status 1`, async () => {
      const address = await serve((socket) => socket.end(says));
      const { stdout, stderr, status } = await runCtl('corevisorctl', { arguments: ['-s', address, 'avail'] });
      const [, text = stdout] = /^error: ([^]*): file: \S+ line: \d+\n$/.exec(stdout) ?? [];
      if (typeof error === 'string') expect(text).to.equal(error);
      else expect(text).to.match(error);
      expect([stderr, status]).to.deep.equal(['', 1]);
    });
  }

  it('hangs up on a log that is followed ends the command', async () => {
    let requests = 0;
    const address = await serve((socket) => {
      requests += 1;
      if (requests === 1)
        socket.end(value('<string>3.0</string>').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      else {
        socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
        setImmediate(() => socket.destroy());
      }
    });
    const outcome = await runCtl('corevisorctl', { arguments: ['-s', address, 'tail', '-f', 'x'] });
    expect(outcome.stdout).to.match(/^==> Press Ctrl-C to exit <==\n(?:hello)?$/);
    expect([outcome.stderr, outcome.status]).to.deep.equal(['', 0]);
  });

  it('comes to an end between the two halves of restart is one line after what was done', async () => {
    let requests = 0;
    const address = await serve((socket) => {
      const answers = [value('<string>3.0</string>'), value('<boolean>1</boolean>')];
      const answer = (): void => {
        requests += 1;
        const says = answers.shift();
        if (says === undefined) socket.destroy();
        else socket.write(says);
      };
      answer();
      socket.on('data', (bytes: Buffer) => (bytes.includes('</methodCall>') ? answer() : undefined));
    });
    const outcome = await runCtl('corevisorctl', { arguments: ['-s', address, 'restart', 'x'] });
    expect(outcome.stdout).to.match(
      /^x: stopped\nerror: <class '(?:http\.client\.RemoteDisconnected|ConnectionResetError)'>, .*\n$/,
    );
    expect([outcome.stderr, outcome.status]).to.deep.equal(['', 1]);
  });
});

describe('corevisorctl whose output', () => {
  it('goes to a full disk says so in one line and fails', async () => {
    for (const words of ['help', 'nonsense', 'status', '-h']) {
      const { stderr, status } = await shell(`CTL ${words} >/dev/full`);
      expect([stderr, status]).to.deep.equal([
        'Error: cannot write the output: ENOSPC: no space left on device, write\n',
        1,
      ]);
    }
  });

  it('has lost its reader says nothing', async () => {
    const command = '{ sleep 0.5; CTL help; echo "status $?" >&2; } | true';
    expect((await shell(command)).stderr).to.equal('status 1\n');
  });

  it('and complaints both go to a full disk still has its exit status', async () => {
    expect((await shell('CTL help >/dev/full 2>&1')).status).to.equal(1);
    expect((await shell('CTL --nope 2>/dev/full')).status).to.equal(2);
  });

  it('is closed works nevertheless', async () => {
    expect(await shell('CTL status >&- 2>&-')).to.deep.equal({ stdout: '', stderr: '', status: 4 });
  });

  it('is fine but its input cannot be read leaves the shell', async () => {
    for (const input of ['</', '<&-', '</dev/null']) {
      const { stdout, stderr, status } = await shell(`CTL ${input}`);
      expect([stdout, stderr, status]).to.deep.equal(['unix:///nonexistent.sock no such file\nsupervisor> \n', '', 0]);
    }
  });
});

function shell(command: string): ReturnType<typeof run> {
  const [node = '', bundle = ''] = ctlCommand.corevisorctl;
  return run(['/bin/sh', '-c', command.replaceAll('CTL', `'${node}' '${bundle}' -s unix:///nonexistent.sock`)]);
}

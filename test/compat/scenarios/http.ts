// HTTP: statuses, headers and bodies of every address, passwords, both versions of HTTP, XML in all its forms, and the
// lines of the activity log about all that. Programs that only lend their logs never run.
import type { Scenario, Step, Verdict } from '../scenario.ts';

/** The text of a call; values are XML. */
function xml(method: string, ...values: readonly string[]): string {
  const params = values.map((value) => `<param><value>${value}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
}

function post(body: string, more: Partial<Extract<Step, { http: string }>> = {}): Step {
  return { http: 'POST /RPC2', body, ...more };
}

/** A request as it goes over the wire; the answer is read up to `until`, or to the end of the connection. */
function raw(head: readonly string[], rest: { body?: string; until?: string } = {}): Step {
  const { body = '', until } = rest;
  return { raw: `${[...head, '', ''].join('\r\n')}${body}`, ...(until === undefined ? {} : { until }) };
}

/** supervisord gathers 64 KiB of a log before it sends any when the connection is to be closed afterwards. */
const kept = { headers: { Connection: 'keep-alive' } };

const errorHeaders = ['Server', 'Content-Type', 'Content-Length'];
const page = { until: '</body>' };
const getState = xml('supervisor.getState');

const quiet = (name: string): string => `[program:${name}]
command=sleep 1000
autostart=false
stdout_logfile={dir}/${name}.out
stderr_logfile=NONE
`;

/** Does something in the background as soon as the daemon has the log open: it has read its end then. */
function onceFollowed(command: string): string {
  const isOpen = 'ls -l /proc/$(cat supervisord.pid)/fd | grep -q p.out';
  return `(until ${isOpen}; do sleep 0.1; done; ${command}) >/dev/null 2>&1 &`;
}

const http: Verdict = {
  is: 'better',
  what: 'HTTP as its standard has it',
  why: 'supervisord closes without a word, or waits for what will never come; a client cannot know what was wrong',
  about: ['/RPC2'],
};

const answering: readonly Scenario[] = [
  {
    name: 'answers a call with its type and length',
    config: quiet('p'),
    steps: [
      post(getState, { shows: [...errorHeaders, 'Transfer-Encoding'] }),
      post(xml('supervisor.getProcessInfo', 'nobody'), { shows: errorHeaders }),
      { http: 'POST /RPC2/any/where', body: getState },
      { http: 'POST /RPC2?query=1', body: getState },
      { http: 'POST /%52PC2', body: getState },
    ],
  },
  {
    name: 'refuses what is no call with the pages of its errors',
    config: '',
    steps: [
      { http: 'GET /RPC2', shows: errorHeaders },
      { http: 'PUT /RPC2', body: getState },
      { http: 'DELETE /RPC2' },
      { http: 'OPTIONS /RPC2' },
      post('', { body: ' ' }),
      post('hello', { shows: errorHeaders }),
      post('<methodCall></methodCall>'),
      post('<methodCall><methodName></methodName></methodCall>'),
      post(getState.slice(0, -4)),
      post('<a><b></a></b>'),
      post(xml('supervisor.getState', '&unknown;')),
      post(xml('supervisor.getState', 'a & b')),
      post(xml('supervisor.readLog', '<int>x</int>', '<int>0</int>')),
      post(xml('supervisor.readLog', '<double>x</double>', '<int>0</int>')),
      post(xml('supervisor.readLog', '<dateTime.iso8601>today</dateTime.iso8601>', '<int>0</int>')),
      { messages: /^ERRO/ },
    ],
  },
  {
    name: 'has its pages for addresses where nothing is',
    config: '',
    steps: [
      { http: 'GET /nope', shows: errorHeaders },
      { http: 'GET /RPC' },
      { http: 'GET /logtai/p' },
      { http: 'GET //RPC2' },
      { http: 'GET /../../../etc/passwd' },
      { http: 'GET /%2e%2e/%2e%2e/etc/passwd' },
      { http: 'GET /nope%00' },
      { http: 'GET /%' },
      { http: 'POST /nope', body: 'hello', shows: errorHeaders },
      { http: 'DELETE /nope' },
      { http: 'OPTIONS *' },
    ],
  },
  {
    name: 'wants to know how long a body is',
    config: '',
    steps: [
      { ...raw(['POST /RPC2 HTTP/1.1'], page) },
      { ...raw(['POST /RPC2 HTTP/1.1', 'Transfer-Encoding: chunked'], { body: '0\r\n\r\n', ...page }) },
    ],
    verdict: {
      is: 'better',
      what: '`Connection: close` stands in the answer',
      why: 'what follows on the connection cannot be told from the body',
      about: ['/RPC2'],
    },
  },
];

const forms: readonly Scenario[] = [
  {
    name: 'reads the scalar types of XML-RPC',
    config: `${quiet('p')}[program:cat]\ncommand={children}/echoes-stdin.sh\nstartsecs=0\nstdout_logfile={dir}/cat.out\n`,
    files: { 'p.out': '0123456789' },
    steps: [
      { waitFor: 'cat', state: 'RUNNING' },
      // The fault repeats what was read.
      ...['<int>-5</int>', '<i4> 7 </i4>', '<boolean>1</boolean>', '<boolean>0</boolean>', '<boolean>true</boolean>']
        .concat(['<double>1.5</double>', '<double>-2.75</double>'])
        .map((value) => post(xml('supervisor.sendProcessStdin', 'cat', value))),
      post(xml('supervisor.getProcessInfo', '<string>a string</string>')),
      post(xml('supervisor.getProcessInfo', 'no type')),
      post(xml('supervisor.getProcessInfo', '')),
      post(xml('supervisor.getProcessInfo', '<string/>')),
      post(xml('supervisor.getProcessInfo', '<base64>Z3LDvMOfZQ==</base64>')),
      post(xml('supervisor.readProcessStdoutLog', 'p', '<string>3</string>', '<i8>4</i8>')),
      post(xml('supervisor.readProcessStdoutLog', 'p', '<double>3.9</double>', '<boolean>1</boolean>')),
    ],
  },
  {
    name: 'reads XML in all its forms',
    config: '',
    steps: [
      post('<methodCall><methodName>supervisor.getAPIVersion</methodName></methodCall>'),
      post('<methodCall><methodName>supervisor.getAPIVersion</methodName><params/></methodCall>'),
      post(' \n <methodCall ><methodName a="b" c = \'d\'>supervisor.getAPIVersion</methodName ></methodCall>\n\n'),
      post('<!-- <a> --><?pi?><methodCall><!-- b --><methodName>supervisor.getAPIVersion</methodName></methodCall>'),
      post(
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodCall>\r\n<methodName>supervisor.getAPIVersion</methodName>\r\n</methodCall>',
      ),
      post(xml('supervisor.getProcessInfo', 'grüße &lt;&amp;&gt;&quot;&apos;&#65;&#x1F600; 世界')),
      post(xml('supervisor.getProcessInfo', 'a<![CDATA[<b>&amp;]]>c')),
      post(xml('supervisor.getProcessInfo', 'a\r\nb\rc&#13;')),
      post(xml('supervisor.getProcessInfo', '<string>a<!-- comment -->b</string>')),
      post(
        '<methodCall><params><param><value>nobody</value></param></params><methodName>supervisor.getProcessInfo</methodName></methodCall>',
      ),
      post('<methodCall><unknown>x</unknown><methodName>supervisor.getAPIVersion</methodName></methodCall>'),
    ],
  },
  {
    name: 'reads entities that a document brings with it',
    config: '',
    steps: [
      post(
        `<!DOCTYPE methodCall [<!ENTITY v "supervisor.getAPIVersion">]><methodCall><methodName>&v;</methodName></methodCall>`,
      ),
    ],
    verdict: {
      is: 'not offered',
      what: 'XML with a document type gets 400',
      why: 'no client of XML-RPC sends one, and entities are how a small request becomes a big one',
      about: ['/RPC2'],
    },
  },
  {
    name: 'finds no method beyond those of its interfaces',
    config: '',
    steps: [
      'nodots',
      'too.many.dots',
      'supervisor.',
      '.getState',
      'supervisor._update',
      'supervisor.__class__',
      'supervisor.supervisord.options.server_configs',
      'nowhere.getState',
      'system._listMethods',
    ].map((method) => post(xml(method))),
  },
];

const tails: readonly Scenario[] = [
  {
    name: 'follows a log: its end first, then its growth',
    config: quiet('p'),
    files: { 'p.out': 'old line\n'.repeat(200) },
    steps: [
      { shell: onceFollowed('echo new line >>p.out; sleep 0.5; echo grüße, last line >>p.out') },
      {
        http: 'GET /logtail/p',
        until: 'last line\n',
        ...kept,
        shows: ['Server', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'X-Accel-Buffering', 'Last-Modified'],
      },
    ],
  },
  {
    name: 'follows a log that is rotated away',
    config: quiet('p'),
    files: { 'p.out': 'first line\n' },
    steps: [
      { shell: onceFollowed('mv p.out p.out.1; echo second line >p.out') },
      { http: 'GET /logtail/p:p/stdout', until: 'second line\n', ...kept },
    ],
  },
  {
    name: 'follows what a program writes, on both channels and by both names',
    config: `[program:p]\ncommand=sh -c "echo out 1; echo err 1 >&2; sleep 1000"\nstartsecs=0\nstdout_logfile={dir}/p.out\nstderr_logfile={dir}/p.err\n[group:g]\nprograms=p\n`,
    steps: [
      { waitForText: 'err 1\n', in: 'p.err' },
      { waitForText: 'out 1\n', in: 'p.out' },
      { http: 'GET /logtail/g:p', until: '1\n', ...kept },
      { http: 'GET /logtail/g:p/stdout?x=y', until: '1\n', ...kept },
      { http: 'GET /logtail/g:p/stderr', until: '1\n', ...kept },
      { http: 'GET /logtail/g%3Ap/std%65rr', until: '1\n', ...kept },
      { http: 'GET /logtail/p' },
    ],
  },
  {
    name: 'has no tail of a log that is not there',
    config: `${quiet('p')}${quiet('none')}`,
    files: { 'p.out': 'a line\n' },
    steps: [
      { http: 'GET /logtail/nobody', shows: errorHeaders },
      { http: 'GET /logtail/p:*' },
      { http: 'GET /logtail/none' },
      { http: 'GET /logtail/p/stderr' },
      { http: 'GET /logtail/p/stdlog' },
      { http: 'GET /logtail/p/stdout/more' },
      { http: 'GET /logtail/' },
      { http: 'GET /logtail/..%2f..%2fetc%2fpasswd' },
      { http: 'POST /logtail/p', body: 'x' },
      { http: 'POST /mainlogtail', body: 'x' },
    ],
  },
  {
    name: 'has no tail of no name',
    config: '',
    steps: [{ http: 'GET /logtail' }],
    verdict: {
      is: 'better',
      what: '404',
      why: 'the address is wrong, the server is well (supervisord: 500)',
      about: ['/logtail/'],
    },
  },
  {
    name: 'follows its own log',
    config: '',
    steps: [
      {
        http: 'GET /mainlogtail',
        until: 'supervisord started with pid',
        ...kept,
        only: /^\S+ \S+ (\w+ supervisord started)/gm,
        shows: ['Content-Type', 'Transfer-Encoding', 'X-Accel-Buffering'],
      },
      {
        http: 'GET /mainlogtail/any/where',
        until: 'supervisord started with pid',
        ...kept,
        only: /^\S+ \S+ (\w+ supervisord started)/gm,
      },
    ],
  },
];

const inet = (password: string): string =>
  `[inet_http_server]\nport=127.0.0.1:{port}\nusername=user\npassword=${password}\n${quiet('p')}`;
const to = '{port}';
const asked = { shows: [...errorHeaders, 'WWW-Authenticate', 'Connection'] };
const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;
const withLogin = (header: string): Step => post(getState, { over: { to }, headers: { Authorization: header } });

const logins: readonly Scenario[] = [
  {
    name: 'asks for a password at every address of a server that has one',
    shows: ['inet_http_server.port', 'inet_http_server.username', 'inet_http_server.password'],
    config: inet('secret'),
    files: { 'p.out': 'a line\n' },
    steps: [
      post(getState, { over: { to }, ...asked }),
      ...[
        '/',
        '/index.html',
        '/tail.html',
        '/ok.html',
        '/stylesheets/supervisor.css',
        '/logtail/p',
        '/mainlogtail',
        '/nope',
      ].map((path): Step => ({ http: `GET ${path}`, over: { to }, ...asked })),
      { http: 'GET /ok.html', over: { to, auth: 'user:secret' } },
      { http: 'GET /logtail/p', over: { to, auth: 'user:secret' }, until: 'a line\n', ...kept },
      { http: 'GET /logtail/p', over: { to, auth: 'user:wrong' } },
      { rpc: 'supervisor.getState', over: { to, auth: 'user:secret' } },
      { rpc: 'supervisor.getState', over: { to, auth: 'other:secret' } },
      { rpc: 'supervisor.getState' },
    ],
  },
  {
    name: 'reads a login in all its forms',
    config: inet('s:ecret'),
    steps: [
      withLogin(basic('user:s:ecret')),
      withLogin(basic('user:s:ecret').replace('Basic', 'bAsIc')),
      withLogin(basic('user:s')),
      withLogin(basic('user:')),
      withLogin(basic('User:s:ecret')),
      withLogin(basic(':s:ecret')),
      withLogin(`Bearer ${basic('user:s:ecret').slice(6)}`),
      withLogin('Basic'),
    ],
  },
  {
    name: 'knows a password by its digest',
    shows: ['inet_http_server.password'],
    config: inet('{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4'),
    steps: [
      withLogin(basic('user:secret')),
      withLogin(basic('user:Secret')),
      withLogin(basic('user:{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4')),
    ],
  },
  {
    name: 'calls a login malformed that is not UTF-8',
    config: inet('secret'),
    steps: [withLogin('Basic //79')],
  },
  {
    name: 'lets a login without a colon in nowhere',
    config: inet('secret'),
    steps: [withLogin(basic('usersecret'))],
    verdict: {
      is: 'better',
      what: '401',
      why: 'the login is wrong, the server is well (supervisord: 500)',
      about: ['inet_http_server.password'],
    },
  },
];

const connections: readonly Scenario[] = [
  {
    name: 'keeps a connection of HTTP/1.1 and answers what comes ahead in order',
    config: '',
    steps: [
      raw(
        [
          'GET /nope HTTP/1.1',
          '',
          'GET /RPC2 HTTP/1.1',
          '',
          'POST /RPC2 HTTP/1.1',
          `Content-Length: ${getState.length}`,
        ],
        {
          body: getState,
          until: '</methodResponse>\n',
        },
      ),
    ],
  },
  {
    name: 'speaks HTTP/1.0, and keeps the connection if asked',
    config: '',
    steps: [
      raw(['GET /nope HTTP/1.0']),
      raw(['GET /nope HTTP/1.0', 'Connection: Keep-Alive'], page),
      raw(['POST /RPC2 HTTP/1.0', `Content-Length: ${getState.length}`], { body: getState }),
    ],
    verdict: {
      ...http,
      what: 'the status line says `HTTP/1.1`, and an end of the connection is announced',
      why: 'RFC 9110: a server names its own version',
    },
  },
  {
    name: 'closes a connection of HTTP/1.1 if asked',
    config: '',
    steps: [raw(['GET /nope HTTP/1.1', 'Connection: close'])],
    verdict: { ...http, what: 'the end of the connection is announced', why: 'RFC 9112 wants it' },
  },
  {
    name: 'answers HEAD',
    config: '',
    steps: [raw(['HEAD /nope HTTP/1.1', '', 'GET /RPC HTTP/1.1'], page)],
    verdict: { ...http, what: 'an answer to HEAD has no body', why: 'a client would take it for the next answer' },
  },
  {
    name: 'answers what cannot be read',
    config: '',
    steps: [raw(['hello']), raw(['a b c d']), raw(['GET /nope HTTP/1.1', ': no name', 'Connection: close'])],
    verdict: { ...http, what: '400, and the connection is closed' },
  },
  {
    name: 'tells at trace what was asked and how it was answered',
    shows: ['supervisord.loglevel'],
    config: `[supervisord]\nloglevel=trace\n${quiet('p')}`,
    files: { 'p.out': 'a line\n' },
    steps: [
      raw(['GET /nope HTTP/1.1'], page),
      raw(['POST /RPC2 HTTP/1.1', `Content-Length: ${getState.length}`], {
        body: getState,
        until: '</methodResponse>\n',
      }),
      raw(['DELETE /a%20b?c=d HTTP/1.1'], page),
      post(xml('supervisor.getProcessInfo', 'nobody')),
      post(xml('supervisor.nope')),
      { waitForMessage: /fault: \[1\]/ },
      { messages: /^TRAC localhost:0 .* (?:404|400) / },
      { messages: /^TRAC XML-RPC method (?:called: )?supervisor\.(?!getState)/ },
    ],
  },
];

export const scenarios: readonly Scenario[] = [...answering, ...forms, ...tails, ...logins, ...connections];

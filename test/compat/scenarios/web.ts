// The web page: its addresses, what its pages say, its actions and their messages, and who may act. The pages themselves are
// ours, so what is compared is what a reader finds on them: states, names, actions, descriptions, messages, logs.
import type { Scenario, Step } from '../scenario.ts';

const title = /<title>([^<]*)</g;
const message = /(?:class="status_msg"|id="message"[^>]*)>([^<]*)</g;
const states = /<td[^>]*>\s*<span[^>]*>([a-z]+)<\/span>/g;
const actions = />\s*(Refresh|Restart All|Stop All|Start|Stop|Restart|Clear Log|Tail -f Stdout|Tail -f Stderr)\s*</g;
const names = /<a\s[^>]*href="(tail\.html[^"]*)"/g;
const descriptions = /(Not started|pid \{pid\}, uptime \{time\}|find command)/g;
const streams = /href="(logtail[^"]*)"/g;
const log = /<pre[^>]*>\n?([^<]*)</g;
const refreshLink = /href="(tail\.html[^"]*)"(?=[^]{0,90}Refresh)/g;
const nothing = /$^/g;

/** One request that acts as under supervisord, and what the page then says. */
function link(target: string): Step {
  return { http: `GET ${target}`, follows: true, only: message };
}

/** The same as a form. */
function posted(body: string, target = '/index.html'): Step {
  return {
    http: `POST ${target}`,
    body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    follows: true,
    only: message,
  };
}

const stateOf = (name: string): Step => ({
  rpc: 'supervisor.getProcessInfo',
  params: [name],
  pick: ['name', 'statename'],
});

/** What supervisord always does. Ours must be told; supervisord takes no notice. */
const linksAct = '[unix_http_server]\nget_actions=true\n';

const stays = (name: string, more = ''): string =>
  `[program:${name}]\ncommand={children}/stays.sh\nstartsecs=0\n${more}\n`;

const uncached = ['Content-Type', 'Pragma', 'Cache-Control', 'Expires', 'Server'];

export const scenarios: readonly Scenario[] = [
  {
    name: 'shows every process with its state, its description, its log and the actions of its state',
    config: `${stays('runs')}${stays('waits', 'autostart=false')}
[program:lost]
command=/nowhere/at/all
startretries=0
[program:begins]
command={children}/stays.sh
startsecs=3600
[program:ended]
command={children}/exits-with.sh 0
startsecs=0
autorestart=false
[program:member]
command={children}/stays.sh
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
[group:both]
programs=member`,
    steps: [
      { waitFor: 'runs', state: 'RUNNING' },
      { waitFor: 'both:member_1', state: 'RUNNING' },
      { waitFor: 'lost', state: 'FATAL' },
      { waitFor: 'begins', state: 'STARTING' },
      { waitFor: 'ended', state: 'EXITED' },
      { http: 'GET /', only: title },
      { http: 'GET /index.html', only: states },
      { http: 'GET /', only: names },
      { http: 'GET /', only: descriptions },
      { http: 'GET /', only: actions },
      { http: 'GET //index.html', only: streams },
    ],
  },
  {
    name: 'says that there is nothing to manage',
    config: '',
    steps: [
      { http: 'GET /', only: /No programs to manage/g },
      { http: 'GET /', only: actions },
    ],
  },
  {
    name: 'sends pages that are not cached, and a plain OK',
    config: stays('p'),
    steps: [
      { http: 'GET /', shows: uncached, only: nothing },
      { http: 'GET /index.html?message=x', shows: uncached, only: nothing },
      { http: 'GET /tail.html?processname=p', shows: uncached, only: nothing },
      { http: 'GET /ok.html', shows: [...uncached, 'Content-Length'] },
      { http: 'POST /ok.html', body: 'x', shows: ['Content-Type'] },
      { http: 'GET //ok.html?anything=1' },
      { http: 'GET /ok.html/', only: nothing },
      { http: 'GET /OK.html', only: nothing },
    ],
  },
  {
    name: 'shows the message of its address as a text, the first of several, and none that is empty',
    config: stays('p'),
    steps: [
      { http: 'GET /?message=a%3Cb%26c', only: message },
      { http: 'GET /index.html?message=one+word&message=two', only: message },
      { http: 'GET /?message=gr%C3%BC%C3%9Fe%20%25', only: message },
      { http: 'POST /?message=address', body: 'message=body', only: message },
      { http: 'GET /?action=&message=shown', only: message },
    ],
  },
  {
    name: 'stops, starts, restarts and clears a process for a link',
    config: `${linksAct}${stays('p')}${stays('off', 'autostart=false')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      link('/index.html?processname=p&action=stop'),
      stateOf('p'),
      link('/?processname=p&action=start'),
      stateOf('p'),
      link('/index.html?processname=p&action=restart'),
      stateOf('p'),
      link('/index.html?action=restart&processname=off'),
      stateOf('off'),
      link('/index.html?processname=off:off&action=clearlog'),
      { messages: /^INFO spawned|^WARN stopped/ },
    ],
  },
  {
    name: 'does for a posted form what it does for a link, and lets the form win over the address',
    config: `${linksAct}${stays('p')}${stays('q')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { waitFor: 'q', state: 'RUNNING' },
      posted('processname=p&action=stop'),
      posted('action=stop', '/?processname=q'),
      posted('processname=p', '/?processname=q&action=start'),
      stateOf('p'),
      stateOf('q'),
      posted('processname=q&processname=p&action=start&action=restart'),
      posted('processname=zz&action=start', '/'),
    ],
  },
  {
    name: 'says why an action cannot be done',
    config: `${linksAct}${stays('p')}${stays('off', 'autostart=false')}
[program:lost]
command=/nowhere/at/all
autostart=false
[program:plain]
command={dir}/supervisord.conf
autostart=false
[program:ends]
command={children}/exits-with.sh 1
autostart=false
startretries=0
[program:dies]
command={children}/exits-with.sh 1
autostart=false
startsecs=5
startretries=0`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      link('/index.html?processname=p&action=start'),
      link('/index.html?processname=lost&action=start'),
      link('/index.html?processname=plain&action=start'),
      link('/index.html?processname=ends&action=start'),
      link('/index.html?processname=off&action=stop'),
      link('/index.html?processname=zz&action=start'),
      link('/index.html?processname=zz:p&action=stop'),
      link('/index.html?processname=p:*&action=stop'),
      link('/index.html?processname=p:&action=restart'),
      link('/index.html?processname=zz&action=clearlog'),
      stateOf('p'),
    ],
  },
  {
    name: 'stops all and restarts all for a link',
    config: `${linksAct}${stays('p')}${stays('off', 'autostart=false')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      link('/index.html?action=stopall'),
      stateOf('p'),
      link('/index.html?action=restartall'),
      stateOf('p'),
      stateOf('off'),
      posted('action=stopall&processname=zz'),
      stateOf('off'),
    ],
  },
  {
    name: 'refreshes for a link, which changes nothing and so needs no button',
    config: stays('p'),
    steps: [
      link('/index.html?action=refresh'),
      link('/?action=refresh&processname=zz'),
      {
        http: 'GET /?action=refresh',
        shows: ['Content-Type', 'Pragma', 'Cache-Control', 'Expires', 'Content-Length'],
      },
    ],
  },
  {
    name: 'acts on a process with whatever name',
    config: `${linksAct}${stays('a&b<i>"ü')}`,
    steps: [
      { waitFor: 'a&b<i>"ü', state: 'RUNNING' },
      { http: 'GET /', only: names },
      { http: 'GET /', only: streams },
      // How a page writes > and quotes is its own affair.
      { ...link('/index.html?processname=a%26b%3Ci%3E%22%C3%BC&action=stop'), only: /Process a&amp;b&lt;i/g },
      stateOf('a&b<i>"ü'),
      { http: 'GET /tail.html?processname=a%26b%3Ci%3E%22%C3%BC', only: refreshLink },
    ],
  },
  {
    name: 'works without an [rpcinterface:x]',
    head: false,
    comesUp: false,
    config: `[supervisord]
logfile={dir}/supervisord.log
pidfile={dir}/supervisord.pid
childlogdir={dir}
[unix_http_server]
file={dir}/supervisor.sock
get_actions=true
${stays('p')}`,
    steps: [
      { waitForMessage: /success: p entered RUNNING/ },
      { http: 'GET /', only: states },
      link('/index.html?processname=p&action=stop'),
      { http: 'GET /', only: states },
    ],
  },
  {
    name: 'shows the end of a log: 1024 bytes or more',
    config: `[program:p]
command={children}/writes-lines.sh 300 word
startsecs=0
stdout_logfile={dir}/p.out
[program:none]
command={children}/stays.sh
startsecs=0
stdout_logfile=NONE`,
    steps: [
      { waitForText: 'word 300', in: 'p.out' },
      { http: 'GET /tail.html?processname=p', only: title },
      { http: 'GET /tail.html?processname=p', only: log },
      { http: 'GET /tail.html?processname=p:p&limit=10', only: /word \d+\n/g },
      { http: 'GET /tail.html?processname=p&limit=1100', only: log },
      { http: 'GET /tail.html?processname=p&limit=999999', only: /word (?:1|300)\n/g },
      { http: 'GET /tail.html?processname=p&limit=-5', only: refreshLink },
      { http: 'GET /tail.html?processname=p&limit=many', only: refreshLink },
      { http: 'GET /tail.html?processname=p&limit=2000', only: refreshLink },
      { http: 'POST /tail.html', body: 'processname=p&limit=3000', only: refreshLink },
      { http: 'GET /tail.html?processname=none', only: log },
      { http: 'GET /tail.html?processname=none', only: title },
      { http: 'GET /tail.html?processname=zz', only: log },
      { http: 'GET /tail.html?processname=zz', only: refreshLink },
      { http: 'GET /tail.html?processname=p:*', only: log },
      { http: 'GET /tail.html', only: log },
      { http: 'GET /tail.html?processname=', only: log },
      { http: 'GET /tail.html', only: refreshLink },
    ],
  },
  {
    name: 'asks for the password on every address',
    config: `[inet_http_server]
port=127.0.0.1:{port}
username=user
password=pass:word
${stays('p')}`,
    steps: [
      ...['/', '/index.html', '/tail.html?processname=p', '/ok.html', '/stylesheets/supervisor.css', '/images/icon.png']
        .concat('/?action=stopall', '/nothing')
        .flatMap((target): Step[] => [
          { http: `GET ${target}`, over: { to: '{port}' }, shows: ['WWW-Authenticate', 'Connection'] },
          { http: `GET ${target}`, over: { to: '{port}', auth: 'user:wrong' }, only: nothing },
        ]),
      ...['/', '/tail.html?processname=p', '/ok.html', '/stylesheets/supervisor.css', '/nothing'].map(
        (target): Step => ({
          http: `GET ${target}`,
          over: { to: '{port}', auth: 'user:pass:word' },
          shows: ['WWW-Authenticate'],
          only: nothing,
        }),
      ),
      { http: 'POST /', body: 'action=stopall', over: { to: '{port}' }, only: nothing },
    ],
  },
  {
    name: 'serves a stylesheet and an icon, once, and nothing outside of them',
    config: '',
    steps: [
      { http: 'GET /stylesheets/supervisor.css', shows: ['Content-Type'], only: nothing },
      { http: 'HEAD /stylesheets/supervisor.css', shows: ['Content-Type'] },
      { http: 'GET /images/icon.png?x=1', shows: ['Content-Type'], only: nothing },
      {
        http: 'GET /stylesheets/supervisor.css',
        headers: { 'If-Modified-Since': 'Wed, 01 Jan 2098 00:00:00 GMT' },
        shows: ['Content-Type', 'Content-Length'],
      },
      {
        http: 'GET /stylesheets/supervisor.css',
        headers: { 'If-Modified-Since': 'Thu, 01 Jan 1998 00:00:00 GMT' },
        only: nothing,
      },
      { http: 'PUT /stylesheets/supervisor.css' },
      { http: 'GET /stylesheets/' },
      { http: 'GET /stylesheets/other.css', only: nothing },
      { http: 'GET /images/../../web.py', only: nothing },
      { http: 'GET /../web.py', only: nothing },
      { http: 'GET /%2e%2e/web.py', only: nothing },
      { http: 'GET /images/%2e%2e%2f%2e%2e%2fweb.py', only: nothing },
      { http: 'GET /stylesheets/..%5c..%5cweb.py', only: nothing },
      { http: 'GET /stylesheets/../../../../../../../../etc/passwd', only: nothing },
    ],
  },
  {
    name: 'takes no other methods, and no form of unknown length',
    config: stays('p'),
    steps: [
      ...['PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method): Step => ({ http: `${method} /`, body: 'x' })),
      { http: 'PUT /index.html?action=stopall', body: 'x', only: nothing },
      { http: 'DELETE /tail.html', only: nothing },
      ...['/index.html', '/tail.html', '/ok.html'].map((target): Step => ({
        http: `POST ${target}`,
        headers: { 'Transfer-Encoding': 'chunked' },
        only: nothing,
      })),
    ],
  },
  {
    name: 'acts only for its own buttons',
    config: stays('p'),
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { http: 'GET /index.html?processname=p&action=stop', shows: ['Allow'], only: message },
      stateOf('p'),
      { http: 'POST /index.html', body: 'processname=p&action=restart', only: message },
      { http: 'POST /', body: 'action=stopall&token=guessed', only: message },
      stateOf('p'),
    ],
    verdict: {
      is: 'better',
      what: 'A link that would act answers 405, a form without the token of the page 403, and nothing is done; get_actions=true in the section of the server brings both back',
      why: 'Any page that an operator visits could stop everything',
      about: ['/', '/index.html'],
    },
  },
  {
    name: 'does nothing that a browser says another site has asked for',
    config: `${linksAct}${stays('p')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      {
        http: 'POST /index.html',
        body: 'processname=p&action=stop',
        headers: { Origin: 'http://elsewhere.example' },
        only: message,
      },
      {
        http: 'GET /index.html?processname=p&action=stop',
        headers: { 'Sec-Fetch-Site': 'cross-site' },
        only: message,
      },
      stateOf('p'),
    ],
    verdict: {
      is: 'better',
      what: 'Such a request answers 403 and does nothing, also with get_actions=true',
      why: 'It is the one case in which the browser tells that the reader of the page did not mean it',
      about: ['/', '/index.html'],
    },
  },
  {
    name: 'goes back to the page with the message after an action',
    config: `${linksAct}${stays('p')}`,
    steps: [
      { waitFor: 'p', state: 'RUNNING' },
      { http: 'GET /index.html?processname=p&action=stop', shows: ['Location', ...uncached] },
      { http: 'POST /', body: 'processname=zz&action=stop', shows: ['Location'], only: nothing },
      {
        http: 'GET /?processname=p&action=start',
        headers: { Host: 'elsewhere.example' },
        shows: ['Location'],
        only: nothing,
      },
      { http: 'GET /?processname=g:*&action=stop', shows: ['Location'], only: nothing },
    ],
    verdict: {
      is: 'better',
      what: 'Location is ./?message=…, relative to what was asked',
      why: 'It is right below any path of a proxy, and does not send the reader wherever the Host of the request says',
      about: ['/', '/index.html'],
    },
  },
  {
    name: 'tells when a restart has not brought a process back',
    config: `${linksAct}
[program:lost]
command=/nowhere/at/all
autostart=false`,
    steps: [link('/index.html?processname=lost&action=restart'), stateOf('lost')],
    verdict: {
      is: 'better',
      what: 'A restart whose start fails says what a start says',
      why: 'supervisord claims that the process was restarted',
      about: ['/index.html'],
    },
  },
  {
    name: 'knows no other action',
    config: `${linksAct}${stays('p')}`,
    steps: [
      { http: 'GET /index.html?action=bogus', only: message },
      { http: 'GET /index.html?processname=p&action=signal', only: message },
      { http: 'GET /index.html?action=start', only: message },
      { messages: /^ERRO Web interface error/ },
    ],
    verdict: {
      is: 'better',
      what: 'An unknown action, or one without its process, answers 400 and the page',
      why: 'supervisord answers 500 and logs a traceback',
      about: ['/index.html'],
    },
  },
  {
    name: 'shows a log that is not UTF-8',
    config: `[program:p]
command=/bin/sh -c "printf 'caf\\\\351 \\\\303\\\\251\\\\n'; exec sleep 3600"
startsecs=0
stdout_logfile={dir}/p.out`,
    steps: [
      { waitForText: '\n', in: 'p.out' },
      { http: 'GET /tail.html?processname=p', only: log },
    ],
    verdict: {
      is: 'better',
      what: 'Bytes that are no text are shown as a replacement character',
      why: 'supervisord answers 500',
      about: ['/tail.html'],
    },
  },
  {
    name: 'says that the daemon shuts down as long as it does',
    config: `${linksAct}[program:p]
command={children}/ignores-term.sh
startsecs=0
stdout_logfile={dir}/p.out
stopwaitsecs=3600`,
    steps: [
      { waitForText: 'ready', in: 'p.out' },
      { waitFor: 'p', state: 'RUNNING' },
      { rpc: 'supervisor.shutdown' },
      { waitForMessage: /waiting for p to die/ },
      { http: 'GET /', only: states },
      { http: 'GET /', only: actions },
      link('/index.html?processname=p&action=start'),
      link('/index.html?action=stopall'),
      { http: 'GET /ok.html' },
      { http: 'GET /tail.html?processname=p', only: log },
    ],
    verdict: {
      is: 'better',
      what: 'The page is there, says that the daemon shuts down, and answers actions with the fault',
      why: 'supervisord answers 500, and shows no log',
      about: ['/', '/index.html', '/tail.html'],
    },
  },
  {
    name: 'answers HEAD as GET, and has no files but its own',
    config: stays('p'),
    steps: [
      ...['/', '/index.html?action=stopall', '/tail.html?processname=p', '/ok.html'].map((target): Step => ({
        raw: `HEAD ${target} HTTP/1.1\r\nHost: x\r\n\r\n`,
        until: 'Server: ',
      })),
      stateOf('p'),
      { http: 'GET /status.html', only: nothing },
      { http: 'GET /images/supervisor.gif', only: nothing },
      { http: 'GET /images', shows: ['Location'], only: nothing },
    ],
    verdict: {
      is: 'better',
      what: 'HEAD answers the headers of GET; the raw templates and pictures of supervisord, and the redirect to a folder that cannot be listed, are 404',
      why: 'supervisord answers HEAD with 404, or with the headers of an unfinished template',
      about: ['/', '/index.html', '/tail.html', '/ok.html', '/images/', '/stylesheets/'],
    },
  },
];

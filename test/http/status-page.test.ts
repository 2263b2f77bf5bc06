import { expect } from 'chai';
import { processStates, type ProcessStateName } from '../../src/base/states.ts';
import { type StatusModel, statusPage } from '../../src/http/status-page.ts';
import type { ProcessInfo } from '../../src/supervisor/snapshot.ts';

const info = (
  name: string,
  statename: ProcessStateName = 'RUNNING',
  change: Partial<ProcessInfo> = {},
): ProcessInfo => ({
  name,
  group: name,
  start: 0,
  stop: 0,
  now: 0,
  state: processStates[statename].code,
  statename,
  spawnerr: '',
  exitstatus: 0,
  logfile: '',
  stdout_logfile: '',
  stderr_logfile: '',
  pid: 0,
  description: `all about ${name}`,
  ...change,
});

const show = (processes: readonly ProcessInfo[], change: Partial<StatusModel> = {}): string =>
  statusPage({ identifier: 'supervisor', state: 'RUNNING', processes, message: null, token: 'secret', ...change });

/** The texts of the buttons and links in the row of a process. */
function actionsOf(page: string, name: string): string[] {
  const [, row = ''] = new RegExp(`<tr[^>]* data-key="${name}">([^]*?)</tr>`).exec(page) ?? [];
  const [, cell = ''] = /class="actions">([^]*)<\/td>/.exec(row) ?? [];
  return [...cell.matchAll(/>\s*([A-Z][\w -]+?)\s*<\//g)].map(([, text = '']) => text);
}

describe('the status page', () => {
  it('says of each process its state in a word, its description and where its log is', () => {
    const page = show([info('p')]);
    expect(page).to.match(/<!doctype html>\n<html lang="en">/);
    expect(page).to.contain('<title>Supervisor Status</title>');
    expect(page).to.contain('<span class="badge statusrunning" data-state="RUNNING">running</span>');
    expect(page).to.contain('all about p');
    expect(page).to.contain('<a href="tail.html?processname=p">p</a>');
  });

  const tails = ['Clear Log', 'Tail -f Stdout', 'Tail -f Stderr'];
  const offered: Readonly<Record<ProcessStateName, readonly string[]>> = {
    RUNNING: ['Restart', 'Stop', ...tails],
    STOPPED: ['Start', ...tails],
    EXITED: ['Start', ...tails],
    FATAL: ['Start', ...tails],
    STARTING: tails,
    BACKOFF: tails,
    STOPPING: tails,
    UNKNOWN: tails,
  };
  for (const state of [
    'RUNNING',
    'STOPPED',
    'EXITED',
    'FATAL',
    'STARTING',
    'BACKOFF',
    'STOPPING',
    'UNKNOWN',
  ] as const) {
    it(`offers for ${state} what supervisord offers`, () =>
      expect(actionsOf(show([info('p', state)]), 'p')).to.deep.equal(offered[state]));
  }

  it('has all actions in one form that is posted with the token', () => {
    const page = show([info('p')]);
    expect(page.match(/<form[^>]*>/g)).to.deep.equal(['<form action="index.html" method="post">']);
    expect(page).to.contain('<input type="hidden" name="token" value="secret" />');
    expect(page.match(/value="(refresh|restartall|stopall|restart|stop|clearlog)"/g)).to.have.length(6);
  });

  it('names each button for those who cannot see where it stands', () => {
    expect(show([info('p')])).to.contain('aria-label="Stop p"');
  });

  it('tells groups apart and names their processes with them', () => {
    const two = ['a', 'b'].map((name) => info(name, 'RUNNING', { group: 'both' }));
    const page = show([...two, info('single')]);
    expect(page).to.match(/<th role="rowheader" scope="rowgroup" colspan="4">\s*both <span class="count">2 processes</);
    expect(page).to.contain('<a href="tail.html?processname=both%3Aa">both:a</a>');
    expect(page.match(/scope="rowgroup"/g)).to.have.length(1);
  });

  it('counts the processes of each state', () => {
    const page = show([info('a'), info('b', 'FATAL'), info('c')]);
    expect(page).to.match(/2 running[^]*1 fatal/);
    expect(page).not.to.contain('0 stopped');
  });

  it('says so when there is nothing to manage', () => {
    const page = show([]);
    expect(page).to.contain('No programs to manage');
    expect(page).not.to.contain('<table');
  });

  it('shows the message of the last action, and whether that is bad news', () => {
    expect(show([], { message: 'Process p started' })).to.contain(
      '<p id="message" role="status" class="message good">Process p started</p>',
    );
    for (const message of ['ERROR: Process p: spawn error', 'No such process named x', 'unexpected rpc fault [70] x']) {
      expect(show([], { message })).to.contain('class="message bad"');
    }
    expect(show([])).to.contain('<p id="message" role="status" class="message"></p>');
  });

  it('offers only to look while the daemon goes down, and says why', () => {
    const page = show([info('p')], { state: 'SHUTDOWN' });
    expect(page).to.contain('The daemon is shutting down');
    expect(page.match(/name="action"/g)).to.have.length(1);
    expect(actionsOf(page, 'p')).to.deep.equal(['Tail -f Stdout', 'Tail -f Stderr']);
    expect(show([info('p')], { state: 'RESTARTING' })).to.contain('The daemon is restarting');
  });

  it('lets no name, description, message or identifier be markup', () => {
    const evil = `"><script>alert('1')</script>&`;
    const page = show([info(evil, 'FATAL', { group: `g${evil}`, description: evil })], {
      message: evil,
      identifier: evil,
      token: evil,
    });
    expect(page.match(/<script[^>]*>/g)).to.have.length(1);
    expect(page).to.match(/<script src="scripts\/status\.js\?[\d.]+" defer>/);
    expect(page).not.to.contain(evil);
    expect(page).to.contain(encodeURIComponent(`g${evil}:${evil}`).replaceAll("'", '&#39;'));
  });

  it('has no script, style or handler of its own, so that the browser may be told to run none', () => {
    const page = show([info('p')]);
    expect(page).not.to.match(/<style|\sstyle=|\son\w+=|<script>|javascript:/);
  });
});

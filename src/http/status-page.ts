// The status page: every process with its state and its actions. It works without JavaScript: each action is a button of
// one form, whose token tells the page's own buttons from those of other sites. Pure.

import type { ProcessStateName, SupervisorStateName } from '../base/states.ts';
import { formatNamespec } from '../base/namespec.ts';
import type { ProcessInfo } from '../supervisor/snapshot.ts';
import { html, type Html } from './html.ts';
import { page } from './page.ts';

/** What the page shows; processes sorted by group and name. */
export interface StatusModel {
  readonly identifier: string;
  readonly state: SupervisorStateName;
  readonly processes: readonly ProcessInfo[];
  /** What came of the last action. */
  readonly message: string | null;
  /** What the buttons prove themselves with. */
  readonly token: string;
}

/** The whole page. */
export function statusPage(model: StatusModel): string {
  const { identifier, processes, message, state } = model;
  const main = html`<main id="status">
    <form action="index.html" method="post">
      <input type="hidden" name="token" value="${model.token}" />
      <div class="bar">
        <div>
          <h1>Processes</h1>
          ${summary(processes)}
        </div>
        <div class="actions">${button({ action: 'refresh', text: 'Refresh' })} ${forAll(state)}</div>
      </div>
      ${notice(state)}
      <p id="message" role="status" class="${messageClass(message)}">${message}</p>
      ${processes.length === 0 ? html`<p class="empty">No programs to manage</p>` : table(model)}
    </form>
  </main>`;
  return page({ title: 'Supervisor Status', identifier, main, isLive: true });
}

/** How many processes are in which state. */
function summary(processes: readonly ProcessInfo[]): Html {
  const states = Object.keys(badges).filter(isState);
  const counts = states.map((state) => ({ state, count: processes.filter((one) => one.statename === state).length }));
  const items = counts
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => html`<li data-key="${state}">${badge(state, `${count} `)}</li>`);
  return html`<ul class="summary" aria-label="Summary">
    ${items}
  </ul>`;
}

function forAll(state: SupervisorStateName): Html | null {
  if (state !== 'RUNNING') return null;
  const buttons = [
    button({ action: 'restartall', text: 'Restart All' }),
    button({ action: 'stopall', text: 'Stop All', kind: 'danger' }),
  ];
  return html`${buttons}`;
}

function notice(state: SupervisorStateName): Html | null {
  if (state === 'RUNNING') return null;
  const what = state === 'RESTARTING' ? 'restarting' : 'shutting down';
  return html`<p class="notice" data-key="notice">The daemon is ${what}: no action is possible now.</p>`;
}

/** Whoever shows a message by another way marks it alike. */
function messageClass(message: string | null): string {
  if (message === null) return 'message';
  return /^(ERROR|unexpected|No such|Nothing)/.test(message) ? 'message bad' : 'message good';
}

function table({ processes, state }: StatusModel): Html {
  const groups = new Map<string, ProcessInfo[]>();
  for (const process of processes) {
    const members = groups.get(process.group) ?? [];
    members.push(process);
    groups.set(process.group, members);
  }
  const bodies = [...groups.values()].map((members) => groupRows(members, state));
  // On a phone the rows are laid out as cards, which takes the meaning of a table away; the roles keep it.
  return html`<table role="table">
    <caption>
      Processes by group
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">State</th>
        <th role="columnheader" scope="col">Name</th>
        <th role="columnheader" scope="col">Description</th>
        <th role="columnheader" scope="col">Action</th>
      </tr>
    </thead>
    ${bodies}
  </table>`;
}

/** A group gets a line of its own, unless it is a single process of the same name. No name has a slash. */
function groupRows(processes: readonly ProcessInfo[], state: SupervisorStateName): Html {
  const [first] = processes;
  if (first === undefined) return html``;
  const { group } = first;
  const isSingle = processes.length === 1 && first.name === group;
  const head = html`<tr role="row" class="group" data-key="/">
    <th role="rowheader" scope="rowgroup" colspan="4">
      ${group} <span class="count">${processes.length} ${processes.length === 1 ? 'process' : 'processes'}</span>
    </th>
  </tr>`;
  return html`<tbody role="rowgroup" data-key="${group}">
    ${isSingle ? null : head} ${processes.map((process) => row(process, state))}
  </tbody>`;
}

function row(process: ProcessInfo, state: SupervisorStateName): Html {
  const name = formatNamespec(process.group, process.name);
  return html`<tr role="row" data-key="${name}">
    <td role="cell" class="state">${badge(process.statename)}</td>
    <th role="rowheader" scope="row" class="name">
      <a href="tail.html?processname=${encodeURIComponent(name)}">${name}</a>
    </th>
    <td role="cell" class="description">${process.description}</td>
    <td role="cell" class="actions">${actions(process.statename, { name, state })}</td>
  </tr>`;
}

/** supervisord's class names, which stay for those who read the page by program; in the order of the summary. */
const badges: Readonly<Record<ProcessStateName, string>> = {
  RUNNING: 'statusrunning',
  STARTING: 'statusnominal',
  STOPPING: 'statusnominal',
  BACKOFF: 'statuserror',
  FATAL: 'statuserror',
  EXITED: 'statusnominal',
  STOPPED: 'statusnominal',
  UNKNOWN: 'statusnominal',
};

function isState(name: string): name is ProcessStateName {
  return Object.hasOwn(badges, name);
}

function badge(state: ProcessStateName, count = ''): Html {
  return html`<span class="badge ${badges[state]}" data-state="${state}">${count}${state.toLowerCase()}</span>`;
}

function actions(
  process: ProcessStateName,
  { name, state }: { readonly name: string; readonly state: SupervisorStateName },
): Html {
  const buttons = state === 'RUNNING' ? [...changes(process), clearLog] : [];
  const log = `logtail/${encodeURIComponent(name)}`;
  return html`<div class="buttons">${buttons.map((one) => button({ ...one, name }))}</div>
    <div class="streams">
      ${stream({ href: log, text: 'Tail -f Stdout', name })}
      ${stream({ href: `${log}/stderr`, text: 'Tail -f Stderr', name })}
    </div>`;
}

interface Action {
  readonly action: string;
  readonly text: string;
  readonly kind?: 'danger' | 'quiet';
}

const clearLog: Action = { action: 'clearlog', text: 'Clear Log', kind: 'quiet' };

/** What supervisord's page offers in this state. */
function changes(state: ProcessStateName): readonly Action[] {
  switch (state) {
    case 'RUNNING':
      return [
        { action: 'restart', text: 'Restart' },
        { action: 'stop', text: 'Stop' },
      ];
    case 'STOPPED':
    case 'EXITED':
    case 'FATAL':
      return [{ action: 'start', text: 'Start' }];
    case 'STARTING':
    case 'BACKOFF':
    case 'STOPPING':
    case 'UNKNOWN':
      return [];
  }
}

/** A button of the form; the process that it is for stands in the address. */
function button({ action, text, kind, name }: Action & { readonly name?: string }): Html {
  const address = name === undefined ? 'index.html' : `index.html?processname=${encodeURIComponent(name)}`;
  const label = name === undefined ? text : `${text} ${name}`;
  return html`<button
    name="action"
    value="${action}"
    formaction="${address}"
    aria-label="${label}"
    class="${kind ?? 'plain'}"
    data-key="${action}"
  >
    ${text}
  </button>`;
}

/** A log that goes on: a page of its own, which never ends loading. */
function stream({ href, text, name }: { readonly href: string; readonly text: string; readonly name: string }): Html {
  return html`<a
    href="${href}"
    target="_blank"
    rel="noopener"
    aria-label="${text} of ${name}, in a new tab"
    data-key="${href}"
    >${text}</a
  >`;
}

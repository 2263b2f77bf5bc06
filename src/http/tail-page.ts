// The end of a process's stdout log as a page. Pure.

import { html, type Html } from './html.ts';
import { page } from './page.ts';

/** What the page shows. */
export interface TailModel {
  readonly identifier: string;
  /** As it was asked for; null when no process was named. */
  readonly name: string | null;
  /** How many bytes were asked for. */
  readonly limit: number;
  /** The log's end, or why there is none. */
  readonly text: string;
  /** Whether the process is there, so that its log can be followed. */
  readonly exists: boolean;
}

/** The fewest bytes that are shown, and the other sizes that the page offers. */
export const smallestTail = 1024;
const sizes = [
  [smallestTail, '1 KB'],
  [16 * 1024, '16 KB'],
  [256 * 1024, '256 KB'],
] as const;

/** The whole page; the line feed before the text is the one that browsers drop. */
export function tailPage({ identifier, name, limit, text, exists }: TailModel): string {
  const main = html`<main>
    <div class="bar">
      <div>
        <p class="back">
          <a href="./"><span aria-hidden="true">← </span>All processes</a>
        </p>
        <h1>${name === null ? 'No process' : name}</h1>
      </div>
      ${name === null ? null : links({ name, limit, exists })}
    </div>
    <pre class="log">${`\n${text}`}</pre>
  </main>`;
  return page({ title: name === null ? 'Supervisor tail' : `Supervisor tail of process ${name}`, identifier, main });
}

function links({
  name,
  limit,
  exists,
}: {
  readonly name: string;
  readonly limit: number;
  readonly exists: boolean;
}): Html {
  const address = `tail.html?processname=${encodeURIComponent(name)}`;
  const others = sizes
    .filter(([bytes]) => bytes !== limit)
    .map(([bytes, words]) => html`<a href="${address}&amp;limit=${bytes}">Last ${words}</a>`);
  const log = `logtail/${encodeURIComponent(name)}`;
  const streams = html`<a href="${log}" target="_blank" rel="noopener">Tail -f Stdout</a>
    <a href="${log}/stderr" target="_blank" rel="noopener">Tail -f Stderr</a>`;
  return html`<nav class="actions" aria-label="Log">
    <a class="button" href="${address}&amp;limit=${limit}">Refresh</a> ${exists ? others : null}
    ${exists ? streams : null}
  </nav>`;
}

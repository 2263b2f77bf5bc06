// What all pages have in common: head, header, footer, and the headers they are sent with. Addresses are relative, so that
// the pages also work below a path of a reverse proxy. Pure.

import { corevisorVersion, supervisorVersion } from '../base/version.ts';
import type { Headers } from './answers.ts';
import { html, type Html } from './html.ts';

interface Page {
  readonly title: string;
  /** The daemon's identifier, as the configuration names it. */
  readonly identifier: string;
  readonly main: Html;
  /** Loads the script that keeps the page fresh. */
  readonly isLive?: true;
}

/** A whole page. */
export function page({ title, identifier, main, isLive }: Page): string {
  const whole = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <link rel="icon" href="images/icon.svg?${corevisorVersion}" type="image/svg+xml" />
      <link rel="stylesheet" href="stylesheets/supervisor.css?${corevisorVersion}" />
      ${isLive === true ? html`<script src="scripts/status.js?${corevisorVersion}" defer></script>` : null}
    </head>
    <body>
      <header>
        <a class="brand" href="./"
          ><img src="images/icon.svg?${corevisorVersion}" alt="" width="28" height="28" />Corevisor</a
        >
        <span class="identifier">${identifier}</span>
      </header>
      ${main}
      <footer>Corevisor ${corevisorVersion}, compatible with Supervisor ${supervisorVersion}</footer>
    </body>
  </html>`;
  return `<!doctype html>\n${whole.markup}\n`;
}

/** supervisord's headers against caches. */
export const uncached: Headers = [
  ['Pragma', 'no-cache'],
  ['Cache-Control', 'no-cache'],
  ['Expires', 'Thu, 01 Jan 1970 00:00:00 GMT'],
];

/** A page's headers: it is not cached and it is confined, to its own files, into no frame, to what it says it is. */
export const pageHeaders: Headers = [
  ...uncached,
  [
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['X-Frame-Options', 'DENY'],
  ['X-Content-Type-Options', 'nosniff'],
  // With no-referrer a browser would not say either where a form was sent from.
  ['Referrer-Policy', 'same-origin'],
];

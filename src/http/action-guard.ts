// Who may act through the page: its own buttons, which carry a token that no other site can read. What carries none,
// supervisord's links and scripts, acts only with get_actions=true, and never when a browser says that another site made it.

import type { IncomingHttpHeaders } from 'node:http';
import type { Form } from './form.ts';
import { isForeign } from './origin.ts';

/** The secret of the page's forms: one per daemon, made when it is first needed. */
export class ActionToken {
  #value: string | null = null;

  get value(): string {
    this.#value ??= process.getBuiltinModule('node:crypto').randomBytes(32).toString('base64url');
    return this.#value;
  }

  /** Compared in constant time. */
  isRight(shown: string): boolean {
    const [a, b] = [Buffer.from(shown), Buffer.from(this.value)];
    return a.length === b.length && process.getBuiltinModule('node:crypto').timingSafeEqual(a, b);
  }
}

/** An action as it was asked for. */
export interface AskedAction {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Form;
}

export type Refusal = 'foreign' | 'stale' | 'not a button';

/** Null when it may be done; else why not: another site's, of a page older than the daemon, or without a token. */
export function refusal(
  { method, headers, form }: AskedAction,
  { token, getActions }: { readonly token: ActionToken; readonly getActions: boolean },
): Refusal | null {
  if (isForeign(headers)) return 'foreign';
  // A refresh does nothing, so supervisord's link to it stays.
  if (getActions || (method === 'GET' && form.get('action') === 'refresh')) return null;
  const shown = form.get('token');
  if (method !== 'POST' || shown === undefined) return 'not a button';
  return token.isRight(shown) ? null : 'stale';
}

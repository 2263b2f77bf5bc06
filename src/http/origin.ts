// Whether a request comes from a page of another site that a user's browser shows. Browsers send these headers by
// themselves and no page can forge them; scripts, XML-RPC clients and supervisorctl send neither. Pure.

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** True for what a browser says it was made to send by somebody else's page; header names are lower-case. */
export function isForeign(headers: Headers): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = headers['origin'];
  if (typeof origin !== 'string') return false;
  // A proxy that puts its own word into Host says in X-Forwarded-Host what the browser asked for.
  const named = [headers['host'], headers['x-forwarded-host']].flat();
  return !named.includes(origin.replace(/^https?:\/\//, ''));
}

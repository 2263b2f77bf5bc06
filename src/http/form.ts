// The fields of a request to a page, of its address and of its urlencoded body, by supervisord's rules (its web.py
// `continue_request`): empty ones are not there, the body wins, the first of an address and the last of a body count. Pure.

/** Fields by name. */
export type Form = ReadonlyMap<string, string>;

/** Reads the part of an address after `?`, and a body; percent signs that make no sense are left as they are. */
export function readForm(url: string, body: string): Form {
  const form = new Map<string, string>();
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  for (const [name, value] of new URLSearchParams(query)) if (value !== '' && !form.has(name)) form.set(name, value);
  for (const [name, value] of new URLSearchParams(body)) if (value !== '') form.set(name, value);
  return form;
}

/** Quoted for an address as supervisord quotes (Python's urllib.quote): letters, digits and `_.-~/` stay. */
export function quote(text: string): string {
  const quoted = encodeURIComponent(text).replaceAll('%2F', '/');
  return quoted.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

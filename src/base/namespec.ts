// `group:process`, `group:*`, `group:` and `process`: how commands and RPC calls name processes
// (supervisord's options.py split_namespec and make_namespec).

/** A parsed name; `process` is null when the whole group is meant. */
export interface Namespec {
  readonly group: string;
  readonly process: string | null;
}

/** Reads a namespec; a bare `name` means the process of that name in the group of the same name. */
export function parseNamespec(text: string): Namespec {
  const colon = text.indexOf(':');
  if (colon === -1) return { group: text, process: text };
  const process = text.slice(colon + 1);
  return { group: text.slice(0, colon), process: process === '' || process === '*' ? null : process };
}

/** Writes a namespec the short way: `name` when group and process are called the same. */
export function formatNamespec(group: string, process: string): string {
  return group === process ? process : `${group}:${process}`;
}

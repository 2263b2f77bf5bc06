// What a client of the embedded proxy reads when no worker answers: one plain page, for people and for curl.

const troubles = {
  502: { title: 'Bad Gateway', text: 'The worker broke off before it answered.' },
  503: { title: 'Service Unavailable', text: 'No worker is ready. Try again in a moment.' },
  504: { title: 'Gateway Timeout', text: 'The worker did not answer in time.' },
} as const;

export type Trouble = keyof typeof troubles;

/** An answer in plain text, in parts for a response and as a whole for a raw socket. */
export function troublePage(status: Trouble): {
  status: number;
  headers: Record<string, string>;
  body: string;
  raw: string;
} {
  const { title, text } = troubles[status];
  const body = `${status} ${title}\n${text}\n`;
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return { status, headers, body, raw: `HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${body}` };
}

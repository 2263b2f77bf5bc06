// HTTP Basic authentication as supervisord does it (its http.py and medusa/auth_handler.py): one user per server, the
// password in clear or as `{SHA}` and the hex SHA-1. Compared in constant time. node:crypto loads at the first check.

/** Who may come in. */
export interface Credentials {
  readonly username: string | null;
  readonly password: string | null;
}

/** Whether credentials must be shown at all: an empty user name means none. */
export function isProtected({ username }: Credentials): boolean {
  return username !== null && username !== '';
}

/** Judges an `Authorization` header; `malformed` is one that cannot be decoded, which supervisord answers with 400. */
export function judge(header: string | undefined, wanted: Credentials): 'allowed' | 'denied' | 'malformed' {
  const basic = /^basic (.*)$/i.exec(header ?? '');
  if (basic === null) return 'denied';
  const shown = decode(basic[1] ?? '');
  if (shown === null) return 'malformed';
  const colon = shown.indexOf(':');
  if (colon === -1) return 'denied';
  const password = wanted.password ?? '';
  // Both are always compared, so the time taken does not tell a right name from a wrong one.
  const rightName = isSame(shown.slice(0, colon), wanted.username ?? '');
  const rightPassword = password.startsWith('{SHA}')
    ? isSame(digest('sha1', shown.slice(colon + 1)).toString('hex'), password.slice('{SHA}'.length))
    : isSame(shown.slice(colon + 1), password);
  return rightName && rightPassword ? 'allowed' : 'denied';
}

function decode(base64: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return null;
  }
}

/** Compares digests: those have one length, whatever was shown. */
function isSame(shown: string, wanted: string): boolean {
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  return timingSafeEqual(digest('sha256', shown), digest('sha256', wanted));
}

function digest(algorithm: 'sha1' | 'sha256', text: string): Buffer {
  return process.getBuiltinModule('node:crypto').createHash(algorithm).update(text).digest();
}

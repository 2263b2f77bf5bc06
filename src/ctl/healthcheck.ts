// `healthcheck`: whether the daemon (or any HTTP server) is well, as an exit status of 0 or 1, for Docker's HEALTHCHECK
// and exec probes in images that have no curl. Ours; supervisorctl has nothing like it.
import { connect } from './client.ts';
import { wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';

/** The daemon answers within microseconds or not at all; shorter than the deadlines that probes usually have. */
const answerTimeoutMs = 4000;

/** Asks /readyz, with `--live` /livez, or a URL of another server; 2xx and 3xx are healthy. */
export async function healthcheck(context: Context, argument: string): Promise<number> {
  const words = wordsOf(argument);
  const [target = '/readyz'] = words;
  if (words.length > 1 || !(words.length === 0 || target === '--live' || target.startsWith('http://'))) {
    context.print(`Error: healthcheck accepts --live or an http:// URL, got ${argument}`);
    return exits.usage;
  }
  try {
    const { status, body } = target.startsWith('http://')
      ? await getUrl(new URL(target))
      : await context.get(target === '--live' ? '/livez' : target, answerTimeoutMs);
    context.print(body.trim() === '' ? String(status) : body.trim());
    return status >= 200 && status < 400 ? exits.success : exits.generic;
  } catch (error) {
    context.print(`unhealthy: ${reasonOf(error)}`);
    return exits.generic;
  }
}

async function getUrl(url: URL): Promise<{ readonly status: number; readonly body: string }> {
  const client = connect({ serverurl: url.origin, username: null, password: null });
  try {
    return await client.get(url.pathname + url.search, answerTimeoutMs);
  } finally {
    client.close();
  }
}

// Node's own words: they name the address.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

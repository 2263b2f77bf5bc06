// `healthcheck`: whether the daemon (or any HTTP server) is well, as an exit status of 0 or 1, for Docker's HEALTHCHECK
// and exec probes in images that have no curl. Ours; supervisorctl has nothing like it.
import { wordsOf } from './context.ts';
import type { Context } from './context.ts';
import { exits } from './exit-statuses.ts';
import { statusOf } from './probe-url.ts';

/** The daemon answers within microseconds or not at all; shorter than the deadlines that probes usually have. */
const answerTimeoutMs = 4000;
/** Docker keeps 4096 bytes of what a check says. */
const shownLength = 1000;

/** Asks /readyz, with `--live` /livez, or a URL of another server; 2xx and 3xx are healthy. One line is printed. */
export async function healthcheck(context: Context, argument: string): Promise<number> {
  const [target = '', ...more] = wordsOf(argument);
  const url = urlOf(target);
  if (more.length > 0 || (url === null && target !== '' && target !== '--live')) {
    context.print(`Error: healthcheck accepts --live or an http:// or https:// URL, got ${argument}`);
    return exits.usage;
  }
  try {
    const path = target === '--live' ? '/livez' : '/readyz';
    const { status, body } =
      url === null
        ? await context.get(path, answerTimeoutMs)
        : { status: await statusOf(url, answerTimeoutMs), body: '' };
    context.print(said(status, body));
    return status >= 200 && status < 400 ? exits.success : exits.generic;
  } catch (error) {
    context.print(`unhealthy: ${reasonOf(error)}`);
    return exits.generic;
  }
}

function urlOf(target: string): URL | null {
  return /^https?:\/\//.test(target) && URL.canParse(target) ? new URL(target) : null;
}

/** What the daemon says is short, unless much is not ready; another server may say anything. */
function said(status: number, body: string): string {
  const text = body.trim().replaceAll(/\s*\n\s*/g, '; ');
  if (text === '') return String(status);
  return text.length > shownLength ? `${text.slice(0, shownLength)}...` : text;
}

// Node's own words: they name the address.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

// Waiting for what nobody tells: looked at again and again, only while somebody waits for it.

import type { Clock } from '../base/clock.ts';

/** Resolves once `look` answers true; it is asked at once, and then every `everyMs`. */
export async function until(
  look: () => boolean | Promise<boolean>,
  { clock, everyMs }: { readonly clock: Clock; readonly everyMs: number },
): Promise<void> {
  while (!(await look())) {
    await new Promise<void>((resolve) => void clock.after(everyMs, resolve));
  }
}

// What a step is called in a record, and whether it leaves an entry there.
import { createHash } from 'node:crypto';
import type { Step } from './scenario.ts';

/** The step in one line, as its scenario wrote it; the end of a very long one as a digest. */
export function describeStep(step: Step): string {
  const [first, ...rest] = Object.entries(step);
  const [kind, what]: [string, unknown] = first ?? ['', ''];
  const subject = typeof what === 'string' ? what : asText(what);
  const more = rest.map(([name, value]) => `${name}=${asText(value)}`).join(' ');
  const whole = `${kind} ${subject}${more === '' ? '' : ` ${more}`}`;
  if (whole.length <= 300) return whole;
  return `${whole.slice(0, 100)}… (${createHash('sha1').update(whole).digest('hex').slice(0, 8)})`;
}

function asText(value: unknown): string {
  return value instanceof RegExp ? String(value) : JSON.stringify(value);
}

/** Whether the step leaves an entry in the record. */
export function records(step: Step): boolean {
  return !(
    'signal' in step ||
    'write' in step ||
    'waitFor' in step ||
    'waitForMessage' in step ||
    'waitForText' in step ||
    'waitForFile' in step
  );
}

// What a call was refused with.
import { Fault } from '../../src/base/errors.ts';

/** The text of the Fault that it throws, or `none`; any other error is thrown on. */
export function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return 'none';
}

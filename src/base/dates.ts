// What dates are written with, whatever the locale. Pure.

/** Names of the months, January first. */
export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** At least two digits. */
export function two(value: number): string {
  return String(value).padStart(2, '0');
}

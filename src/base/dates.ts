// What dates are written with, whatever the locale. Pure.

/** Names of the months, January first. */
export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** At least two digits. */
export function two(value: number): string {
  return String(value).padStart(2, '0');
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** Local time as C's ctime writes it: `Mon Nov  2 00:25:17 2026`. */
export function dateAndTime(wallMs: number): string {
  const date = new Date(wallMs);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const day = String(date.getDate()).padStart(2);
  return `${weekdays[date.getDay()]} ${months[date.getMonth()]} ${day} ${time} ${date.getFullYear()}`;
}

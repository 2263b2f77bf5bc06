// How names are sorted: by code unit, as JavaScript compares strings and, for all but rare characters, Python too. Pure.

/** For `toSorted`. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// The numbers that events carry.

/** Counts 0, 1, 2 …; after the last whole number that is exact it begins anew, as supervisord does after its own. */
export class Serial {
  #last: number;

  constructor(last = -1) {
    this.#last = last;
  }

  next(): number {
    this.#last = this.#last >= Number.MAX_SAFE_INTEGER ? 0 : this.#last + 1;
    return this.#last;
  }
}

// Work that holds the loop up is done piece by piece: between two pieces everything else gets its turn (children that
// end, timers, other clients).

/** Lets one waiting piece of work go on in each round of the loop, in the order of asking. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}

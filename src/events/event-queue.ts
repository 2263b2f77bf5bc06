// What waits in a pool: taken from the front, added at the end, sometimes put back at the front, and none of that slow with
// a hundred thousand waiting. Pure.

export class EventQueue<T> {
  /** Those before `#first` are taken already. */
  #items: T[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The one at the front; undefined when there is none. */
  peek(): T | undefined {
    return this.#items[this.#first];
  }

  take(): T | undefined {
    const item = this.#items[this.#first];
    if (this.length > 0) this.#first += 1;
    if (this.#first * 2 > this.#items.length) this.#forgetTaken();
    return item;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  putBack(item: T): void {
    this.#forgetTaken();
    this.#items.unshift(item);
  }

  #forgetTaken(): void {
    if (this.#first === 0) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}

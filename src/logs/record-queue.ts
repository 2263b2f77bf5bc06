// What waits for a full pipe: records in order, bounded in bytes. When there is no room the oldest record goes, and the
// gap is said in its place once there is room again. A record of which a part is already out is never cut short:
// the reader would see half a line. Pure; pipe-writer.ts does the writing.

export class RecordQueue {
  readonly #limit: number;
  readonly #note: (dropped: number) => Uint8Array | null;
  #records: Uint8Array[] = [];
  /** The rest of a record (or note) of which a part is out, or that is being written right now. */
  #begun: Uint8Array | null = null;
  #bytes = 0;
  #dropped = 0;

  /** `note` makes the record that says how many were dropped here; null where nothing may be put between the records. */
  constructor(options: { readonly limitBytes: number; readonly note?: (dropped: number) => Uint8Array | null }) {
    this.#limit = options.limitBytes;
    this.#note = options.note ?? (() => null);
  }

  get isEmpty(): boolean {
    return this.#begun === null && this.#records.length === 0 && this.#dropped === 0;
  }

  /** How much memory waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a copy of a record, of which `written` bytes are already out; answers how many bytes were dropped for it. */
  push(record: Uint8Array, written = 0): number {
    const rest = Buffer.from(record.subarray(written));
    this.#bytes += rest.length;
    if (written > 0) this.#begun = rest;
    else this.#records.push(rest);
    let lost = 0;
    while (this.#bytes > this.#limit && this.#records.length > 1) lost += this.#dropOldest();
    return lost;
  }

  /** What should be written next, or null. Until `wrote` says so, nothing of it counts as begun. */
  next(): Uint8Array | null {
    if (this.#begun !== null) return this.#begun;
    if (this.#dropped > 0) {
      const note = this.#note(this.#dropped);
      if (note !== null) return note;
      this.#dropped = 0;
    }
    return this.#records[0] ?? null;
  }

  /** The same as `next`, but from now on it can no longer be dropped: it is on its way. */
  begin(): Uint8Array | null {
    const record = this.next();
    if (record !== null && record !== this.#begun) this.#take(record);
    return record;
  }

  /** Says that `count` bytes of what `next` answered are out. */
  wrote(record: Uint8Array, count: number): void {
    if (count === 0) return;
    if (record !== this.#begun) this.#take(record);
    this.#bytes -= count;
    this.#begun = count < record.length ? record.subarray(count) : null;
  }

  /** Forgets all that waits, because it can never be written; answers how many bytes that is. */
  dropAll(): number {
    let lost = this.#begun?.length ?? 0;
    if (this.#begun !== null) this.#dropped += 1;
    this.#bytes -= lost;
    this.#begun = null;
    while (this.#records.length > 0) lost += this.#dropOldest();
    return lost;
  }

  #take(record: Uint8Array): void {
    if (record === this.#records[0]) {
      this.#records.shift();
    } else {
      this.#dropped = 0;
      this.#bytes += record.length;
    }
    this.#begun = record;
  }

  #dropOldest(): number {
    const length = this.#records.shift()?.length ?? 0;
    this.#bytes -= length;
    this.#dropped += 1;
    return length;
  }
}

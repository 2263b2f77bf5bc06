// A pipe holds 64 KiB, which a flood of small writes fills before anybody has looked: its writer then waits more than it
// writes. A pipe that is seen full twice is given 1 MiB until it is calm again. The kernel lets a user without privileges
// have 64 MiB of pipes in all (fs.pipe-user-pages-soft) and makes every further pipe tiny, so only a few are ever large.

/** Bytes that a pipe holds. */
export const pipeBytes = { usual: 64 * 1024, large: 1024 * 1024 } as const;

/** Gives a pipe that is open under a descriptor this many bytes of room; false when the system refuses. */
export type ResizePipe = (fd: number, bytes: number) => boolean;

const atMostLarge = 8;
/** A full pipe of small writes has some room left in its last page. */
const fullBytes = pipeBytes.usual - 4096;

/** The large pipes of one daemon. */
export class LargePipes {
  readonly #resize: ResizePipe | null;
  #large = 0;

  constructor(resize: ResizePipe | null) {
    this.#resize = resize;
  }

  sizeOf(fd: number): PipeSize {
    return new PipeSize((size) => this.#change(fd, size));
  }

  /** Whether the pipe has this size now. */
  #change(fd: number, size: 'large' | 'usual' | 'closed'): boolean {
    if (size === 'large') {
      if (this.#large >= atMostLarge || this.#resize?.(fd, pipeBytes.large) !== true) return false;
      this.#large += 1;
      return true;
    }
    // Refused while more is in it than would fit.
    if (size === 'usual' && this.#resize?.(fd, pipeBytes.usual) !== true) return false;
    this.#large -= 1;
    return true;
  }
}

/** How large one pipe is, following what is read from it. */
export class PipeSize {
  readonly #change: (size: 'large' | 'usual' | 'closed') => boolean;
  #isLarge = false;
  #timesFull = 0;

  constructor(change: (size: 'large' | 'usual' | 'closed') => boolean) {
    this.#change = change;
  }

  get bytes(): number {
    return this.#isLarge ? pipeBytes.large : pipeBytes.usual;
  }

  /** So many bytes were there at once. */
  filled(bytes: number): void {
    if (bytes < fullBytes || this.#isLarge) return;
    this.#timesFull += 1;
    // Asked once only: what is refused now will be refused for as long as the flood lasts.
    if (this.#timesFull === 2) this.#isLarge = this.#change('large');
  }

  /** Little comes at present. */
  cooled(): void {
    this.#timesFull = 0;
    if (this.#isLarge) this.#isLarge = !this.#change('usual');
  }

  /** The pipe is closed. */
  forget(): void {
    if (this.#isLarge) this.#change('closed');
    this.#isLarge = false;
  }
}

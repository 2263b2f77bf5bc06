// Ctrl-C as a promise.

/** Takes Ctrl-C from here on; `came` resolves to null at the first one, `release` gives it back. */
export function untilInterrupt(source: { onInterrupt(handler: () => void): () => void }): {
  readonly came: Promise<null>;
  readonly release: () => void;
} {
  const releases: (() => void)[] = [];
  const came = new Promise<null>((resolve) => {
    releases.push(source.onInterrupt(() => resolve(null)));
  });
  return { came, release: () => releases.forEach((release) => release()) };
}

// A line typed on a terminal without node:readline, which would redraw the line that a process is writing on (`fg`) and
// would show a password.

/** Reads one line from a terminal, `show`ing what is typed; null at Ctrl-D. After Ctrl-C it never answers. */
export function readKeys(order: { show(text: string): void; interrupt(): void }): Promise<string | null> {
  const { stdin } = process;
  const decoder = new TextDecoder();
  return new Promise((resolve) => {
    let text = '';
    const stop = (): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    };
    const finish = (line: string | null): void => {
      stop();
      order.show('\n');
      resolve(line);
    };
    const onData = (chunk: Buffer): void => {
      const keys = Array.from(decoder.decode(chunk, { stream: true }));
      for (const [index, key] of keys.entries()) {
        if (key === '\r' || key === '\n') {
          finish(text);
          // What was typed ahead is for the next line.
          if (index + 1 < keys.length) stdin.unshift(keys.slice(index + 1).join(''));
          return;
        }
        if (key === '\u0004' && text === '') return finish(null);
        if (key === '\u0003') {
          stop();
          return order.interrupt();
        }
        if (key !== '\u007f' && key !== '\b') {
          text += key;
          order.show(key);
        } else if (text !== '') {
          text = text.slice(0, -1);
          order.show('\b \b');
        }
      }
    };
    stdin.setRawMode(true);
    stdin.on('data', onData);
    stdin.resume();
  });
}

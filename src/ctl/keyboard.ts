// A line typed on a terminal without node:readline, which would redraw the line that a process is writing on (`fg`) and
// would show a password.

/** How a line is read. */
export interface KeyOrder {
  /** Puts text on the screen. */
  show(text: string): void;
  /** Whether what is typed is shown; its line end is shown in any case. */
  readonly echo: boolean;
  /** Takes Ctrl-C. */
  interrupt(): void;
}

/** Reads one line from a terminal; null at Ctrl-D on an empty one. After Ctrl-C it never answers. */
export function readKeys(order: KeyOrder): Promise<string | null> {
  const { stdin } = process;
  const decoder = new TextDecoder();
  // Only here: making one takes milliseconds, which the start of a one-shot command has not.
  const characters = new Intl.Segmenter();
  const echo = (text: string): void => (order.echo ? order.show(text) : undefined);
  return new Promise((resolve) => {
    let text = '';
    const stop = (): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    };
    const erase = (from: number): void => {
      const columns = Array.from(characters.segment(text.slice(from)), ({ segment }) => widthOf(segment));
      echo('\b \b'.repeat(columns.reduce((sum, width) => sum + width, 0)));
      text = text.slice(0, from);
    };
    const onData = (chunk: Buffer): void => {
      const keys = decoder.decode(chunk, { stream: true }).match(keyPattern) ?? [];
      for (const [index, key] of keys.entries()) {
        if (key === '\r' || key === '\n') {
          stop();
          order.show('\n');
          resolve(text);
          // What was typed ahead is for the next line.
          if (index + 1 < keys.length) stdin.unshift(keys.slice(index + 1).join(''));
          return;
        }
        if (key === ctrl('C')) {
          stop();
          return order.interrupt();
        }
        if (key === ctrl('D')) {
          if (text !== '') continue;
          stop();
          return resolve(null);
        }
        if (key === '\u007f' || key === '\b') erase(Array.from(characters.segment(text)).at(-1)?.index ?? 0);
        else if (key === ctrl('W')) erase(text.trimEnd().lastIndexOf(' ') + 1);
        else if (key === ctrl('U')) erase(0);
        else if (key === '\t' || key >= ' ') {
          text += key;
          echo(key);
        }
      }
    };
    stdin.setRawMode(true);
    stdin.on('data', onData);
    stdin.resume();
  });
}

// Escape sequences (arrows, function keys) are one key each, and mean nothing here.
// oxlint-disable-next-line no-control-regex -- they begin with ESC
const keyPattern = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O?[^])?|[^]/gu;

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u;

function widthOf(character: string): number {
  return wide.test(character) ? 2 : 1;
}

function ctrl(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) - 64);
}

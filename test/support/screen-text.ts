// What a terminal shows after a program has written to it: enough of a VT100 for line editors, with no bottom edge, so that
// nothing scrolls away.

/** The lines on the screen, without blanks at their ends. */
export function screenText(written: string): string {
  const screen = new Screen();
  for (const [token] of written.matchAll(tokens)) screen.take(token);
  return screen.text;
}

// oxlint-disable-next-line no-control-regex -- terminals are controlled by control characters
const tokens = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[^[]|[^]/gu;

class Screen {
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from(line, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }

  take(token: string): void {
    if (token.startsWith('\u001b[')) return this.#control(token.at(-1) ?? '', token.slice(2, -1));
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#goTo(this.#row + 1);
    else if (token === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (token === '\t') this.#column = (Math.floor(this.#column / 8) + 1) * 8;
    else if (token >= ' ' && token !== '\u007f') {
      this.#line[this.#column] = token;
      this.#column += 1;
    }
  }

  get #line(): string[] {
    return (this.#lines[this.#row] ??= []);
  }

  #goTo(row: number): void {
    this.#row = Math.max(0, row);
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #control(command: string, parameters: string): void {
    const count = Number(parameters.split(';')[0]) || 0;
    const atLeastOne = Math.max(1, count);
    if (command === 'A') this.#goTo(this.#row - atLeastOne);
    else if (command === 'B') this.#goTo(this.#row + atLeastOne);
    else if (command === 'C') this.#column += atLeastOne;
    else if (command === 'D') this.#column = Math.max(0, this.#column - atLeastOne);
    else if (command === 'G') this.#column = atLeastOne - 1;
    else if (command === 'P') this.#line.splice(this.#column, atLeastOne);
    else if (command === '@') this.#line.splice(this.#column, 0, ...Array<string>(atLeastOne).fill(' '));
    else if (command === 'K' && count === 0) this.#line.splice(this.#column);
    else if (command === 'J' && count === 0) {
      this.#line.splice(this.#column);
      this.#lines.splice(this.#row + 1);
    }
  }
}

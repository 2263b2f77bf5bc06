// The overview that `help` prints: supervisorctl's commands as it prints them, then ours under a head of their own, as
// supervisorctl lists the commands of a plugin.
import type { Command, Context } from './context.ts';

const lineWidth = 79;

/** Prints the names of all commands. */
export function printOverview(context: Context, commands: readonly Command[]): void {
  const sections = [
    ['default', 'supervisor'],
    ['corevisor', 'ours'],
  ] as const;
  for (const [title, origin] of sections) {
    const head = `${title} commands (type help <topic>):`;
    const names = commands.filter((command) => command.origin === origin).map(({ name }) => name);
    context.print('');
    context.print(head);
    context.print('='.repeat(head.length));
    for (const line of columns(names)) context.print(line);
    context.print('');
  }
}

// Fills columns top down with as few lines as fit, two spaces apart, each as wide as its widest name.
function columns(names: readonly string[]): string[] {
  for (let height = 1; ; height += 1) {
    const starts = [...names.keys()].filter((index) => index % height === 0);
    const parts = starts.map((start) => names.slice(start, start + height));
    const widths = parts.map((part) => Math.max(...part.map((name) => name.length)));
    if (height < names.length && widths.reduce((sum, width) => sum + width + 2, -2) > lineWidth) continue;
    return [...names.slice(0, height).keys()].map((row) =>
      parts
        .map((part, column) => part[row]?.padEnd(names.length === 1 ? 0 : (widths[column] ?? 0)))
        .filter((cell) => cell !== undefined)
        .join('  '),
    );
  }
}

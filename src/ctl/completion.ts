// What Tab offers: names of commands, of groups or of processes, as the command table says for each command.
import type { ProcessRow } from './answers.ts';
import { ctlCommands, findCommand } from './commands.ts';
import { jsonFlag } from './context.ts';

/** The candidates that go on from the last word of the line, each ending in a blank, and that last word. */
export async function completionsOf(
  line: string,
  processes: () => Promise<readonly ProcessRow[]>,
): Promise<[readonly string[], string]> {
  const words = line.trimStart().split(/\s+/);
  const fragment = words.at(-1) ?? '';
  const candidates = words.length === 1 ? actions() : await argumentsOf(words[0] ?? '', { fragment, processes });
  return [candidates.filter((name) => name.startsWith(fragment)).map((name) => `${name} `), fragment];
}

async function argumentsOf(
  action: string,
  { fragment, processes }: { fragment: string; processes: () => Promise<readonly ProcessRow[]> },
): Promise<readonly string[]> {
  const command = findCommand(action);
  if (fragment.startsWith('-')) return command?.json === undefined ? [] : [jsonFlag];
  switch (command?.completes) {
    case 'actions':
      return actions();
    case 'groups':
      return unique((await processes()).map(({ group }) => group));
    case 'processes':
      return unique((await processes()).flatMap((row) => namesOf(row, fragment.includes(':'))));
    case 'nothing':
    case undefined:
      return [];
  }
}

function actions(): string[] {
  return ctlCommands.map(({ name }) => name).filter((name) => name !== 'EOF');
}

// A process that is called like its group is offered by its short name until a colon is typed.
function namesOf({ group, name }: ProcessRow, isLong: boolean): string[] {
  return isLong || name !== group ? [`${group}:${name}`, `${group}:*`] : [name];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

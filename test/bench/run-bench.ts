// Plays the rounds: of each experiment everybody has a turn, then everybody again, so that whatever else the machine does
// meets all of them alike.
import type { Contender, Field } from './contenders.ts';
import type { Experiment, Figure, Measured } from './experiment.ts';
import type { Scale } from './scale.ts';
import { Scene } from './scene.ts';
import type { Tool } from './tool.ts';

export interface Order {
  readonly experiments: readonly Experiment[];
  readonly field: Field;
  readonly tool: Tool;
  readonly scale: Scale;
  /** Instead of each experiment's own. */
  readonly rounds?: number;
  wants(figure: Figure): boolean;
  /** Told of every turn. */
  progress(text: string): void;
}

/** What was measured of one figure: for everybody who plays, one value a round. */
export interface Result {
  readonly figure: Figure;
  readonly values: ReadonlyMap<Contender, readonly number[]>;
}

export interface Outcome {
  readonly results: readonly Result[];
  /** Turns that could not be played to the end. */
  readonly failures: readonly string[];
}

/** A turn that fails costs its figures, not the others'. */
export async function runBench(order: Order): Promise<Outcome> {
  const results: Result[] = [];
  const failures: string[] = [];
  for (const experiment of order.experiments) {
    const figures = experiment.figures.filter((figure) => order.wants(figure));
    if (figures.length === 0) continue;
    const values = new Map(figures.map(({ name }) => [name, new Map<Contender, number[]>()] as const));
    const players = experiment.contenders.filter((contender) => order.field.present.has(contender));
    const rounds = order.rounds ?? experiment.rounds;
    const title = [...new Set(figures.map(({ family }) => family))].join(', ');
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of players) {
        order.progress(`${title}: round ${round} of ${rounds}, ${contender}`);
        const measured = await playTurn(order, { experiment, contender }).catch((error: unknown) => {
          failures.push(
            `${title}, round ${round}, ${contender}: ${error instanceof Error ? error.message : String(error)}`,
          );
          return {};
        });
        for (const { name } of figures)
          note(values.get(name), contender, Object.entries(measured).find(([key]) => key === name)?.[1]);
      }
    }
    results.push(...figures.map((figure) => ({ figure, values: values.get(figure.name) ?? new Map() })));
  }
  return { results, failures };
}

async function playTurn(
  { field, tool, scale, ...order }: Order,
  { experiment, contender }: { experiment: Experiment; contender: Contender },
): Promise<Measured> {
  const wanted = new Set(experiment.figures.filter((figure) => order.wants(figure)).map(({ name }) => name));
  const commands = field.present.get(contender) ?? {};
  const scene = new Scene({ contender, commands, tool, inMemory: experiment.inMemory ?? false });
  try {
    return await experiment.measure({ contender, scene, scale, wants: (name) => wanted.has(name) });
  } finally {
    await scene.end();
  }
}

function note(values: Map<Contender, number[]> | undefined, contender: Contender, value: number | undefined): void {
  if (values === undefined || value === undefined || Number.isNaN(value)) return;
  const known = values.get(contender);
  if (known === undefined) values.set(contender, [value]);
  else known.push(value);
}

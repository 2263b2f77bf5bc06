// What a row of the benchmark is: figures, who can play, and how one turn of one of them is played.
import type { Contender } from './contenders.ts';
import type { Scale } from './scale.ts';
import type { Scene } from './scene.ts';

/** One line of the table. */
export interface Figure {
  /** Unique, as `--only` and the JSON have it. */
  readonly name: string;
  /** The row that it belongs to: `--only` takes it too. */
  readonly family: string;
  readonly what: string;
  readonly unit: string;
}

/** One turn: a fresh scene for one contender. */
export interface Turn {
  readonly contender: Contender;
  readonly scene: Scene;
  readonly scale: Scale;
  /** False for a figure that was not asked for. */
  wants(name: string): boolean;
}

/** Figures that are measured together. */
export interface Experiment {
  readonly figures: readonly Figure[];
  readonly contenders: readonly Contender[];
  /** Unless `--rounds` says otherwise. */
  readonly rounds: number;
  /** Whether its scratch folder should be in memory. */
  readonly inMemory?: boolean;
  /** Answers figures by their names, not necessarily all of them for everybody. */
  measure(turn: Turn): Promise<Measured>;
}

export type Measured = Readonly<Record<string, number>>;

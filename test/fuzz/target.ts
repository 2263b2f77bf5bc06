// What is fuzzed: a thing of ours with the inputs it is given, and what is expected of it. A run of a target is made of
// batches, each with a seed of its own, so that any of them can be repeated alone.
import { check, asyncProperty, property, type Arbitrary } from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { sample } from 'fast-check';
import { cpuMs, quickest, slowestOf } from './measure.ts';
import type { Oracle } from './oracle.ts';

/** What a run of one target is given. */
export interface RunOrder {
  readonly seed: number;
  /** How many inputs at least. */
  readonly inputs: number;
  readonly oracle: Oracle;
  /** How long the inputs are that time is held against length with. */
  readonly lengths: readonly number[];
}

export interface Finding {
  readonly what: string;
  /** The input as JSON, shortened. */
  readonly input: string;
  readonly seed: number;
}

/** How many inputs a target was given, and what was found. */
export interface Report {
  readonly inputs: number;
  readonly findings: readonly Finding[];
  /** Processor time of the input that took longest, in milliseconds. */
  readonly slowestMs: number;
}

export interface Target {
  readonly name: string;
  /** Its part of all inputs, compared with the others'. */
  readonly weight: number;
  run(order: RunOrder): Promise<Report>;
}

interface Common<Input> {
  readonly name: string;
  readonly weight: number;
  readonly arbitrary: Arbitrary<Input>;
  /** Given first, in every run. */
  readonly corpus?: readonly Input[];
  /** Long inputs of a length: what takes four times as long may take no more than about four times the time. */
  readonly stretch?: Readonly<Record<string, (length: number) => Input>>;
}

const batchSize = 2000;
/** More than any input of these sizes needs, and less than anybody would notice. */
const longestMs = 250;

/** A target whose inputs each end by themselves: `run` throws for what must not be; named errors are its to catch. */
export function target<Input>(about: Common<Input> & { run(input: Input): void }): Target {
  return {
    name: about.name,
    weight: about.weight,
    run: async ({ seed, inputs, lengths }) => {
      let slowestMs = 0;
      const judge = (input: Input): void => {
        const spent = cpuMs(() => about.run(input));
        slowestMs = Math.max(slowestMs, spent);
        if (spent <= longestMs) return;
        // Collecting garbage and compiling count too: only what is slow each time is slow.
        const again = quickest(() => about.run(input));
        if (again > longestMs) throw new Error(`it takes ${Math.round(again)} ms`);
      };
      const findings: Finding[] = [];
      let done = 0;
      for (const input of about.corpus ?? []) {
        done += 1;
        findings.push(...findingOf(input, () => judge(input), seed));
      }
      for (let batch = 0; done < inputs && findings.length < 3; batch += 1) {
        const size = Math.min(batchSize, inputs - done);
        const outcome = check(property(about.arbitrary, judge), { seed: seed + batch, numRuns: size });
        done += outcome.numRuns;
        if (outcome.failed) findings.push(failed(outcome, seed + batch));
      }
      for (const [name, make] of Object.entries(about.stretch ?? {})) {
        done += 2;
        const judgeLong = (): void => {
          const what = slowestOf({ make, run: (input) => about.run(input), lengths });
          if (what !== null) throw new Error(`${name}: ${what}`);
        };
        findings.push(...findingOf(name, judgeLong, seed));
      }
      return { inputs: done, findings, slowestMs };
    },
  };
}

/** A target whose inputs go out and come back. */
export function slowTarget<Input>(
  about: Common<Input> & { open(): Promise<{ run(input: Input): Promise<void>; close(): Promise<void> }> },
): Target {
  return {
    name: about.name,
    weight: about.weight,
    run: async ({ seed, inputs }) => {
      const opened = await about.open();
      const findings: Finding[] = [];
      let done = 0;
      let slowestMs = 0;
      const judge = async (input: Input): Promise<void> => {
        const started = performance.now();
        await opened.run(input);
        slowestMs = Math.max(slowestMs, performance.now() - started);
      };
      try {
        const examples = (about.corpus ?? []).map((input): [Input] => [input]);
        const order = { seed, numRuns: Math.max(inputs, examples.length), examples, endOnFailure: true };
        const outcome = await check(asyncProperty(about.arbitrary, judge), order);
        done += outcome.numRuns;
        if (outcome.failed) findings.push(failed(outcome, seed));
      } finally {
        await opened.close();
      }
      return { inputs: done, findings, slowestMs };
    },
  };
}

/** A target whose every outcome must be the one that Python's own code has for the same input. */
export function comparison<Input>(
  about: Common<Input> & {
    /** The name of a function in oracle.py. */
    readonly theirs: string;
    ours(input: Input): unknown;
    /** Ours where it is otherwise on purpose. */
    isLegal?(input: Input, both: { readonly ours: unknown; readonly theirs: unknown }): boolean;
  },
): Target {
  return {
    name: about.name,
    weight: about.weight,
    run: async ({ seed, inputs, oracle }) => {
      const findings: Finding[] = [];
      let slowestMs = 0;
      let done = 0;
      for (let batch = 0; done < inputs && findings.length < 3; batch += 1) {
        const size = Math.min(batchSize, inputs - done);
        const made = sample(about.arbitrary, { seed: seed + batch, numRuns: size });
        const asked = batch === 0 ? [...(about.corpus ?? []), ...made] : made;
        const theirs = await oracle.ask(about.theirs, asked);
        for (const [index, input] of asked.entries()) {
          done += 1;
          const judge = (): void => {
            let ours: unknown;
            slowestMs = Math.max(
              slowestMs,
              cpuMs(() => (ours = about.ours(input))),
            );
            const both = { ours, theirs: theirs[index] };
            if (isDeepStrictEqual(both.ours, both.theirs) || about.isLegal?.(input, both) === true) return;
            throw new Error(`ours ${shown(both.ours)}\n  theirs ${shown(both.theirs)}`);
          };
          if (findings.length < 3) findings.push(...findingOf(input, judge, seed + batch));
        }
      }
      return { inputs: done, findings, slowestMs };
    },
  };
}

function findingOf(input: unknown, judge: () => void, seed: number): Finding[] {
  try {
    judge();
    return [];
  } catch (error) {
    return [{ what: textOf(error), input: shown(input), seed }];
  }
}

function failed(
  outcome: { readonly counterexample: unknown; readonly errorInstance?: unknown; readonly error?: unknown },
  seed: number,
): Finding {
  return { what: textOf(outcome.errorInstance ?? outcome.error), input: shown(outcome.counterexample), seed };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 1800) : String(error);
}

function shown(input: unknown): string {
  const text = JSON.stringify(input, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  return (text ?? String(input)).slice(0, 600);
}

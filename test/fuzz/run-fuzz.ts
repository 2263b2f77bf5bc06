// Runs targets and prints what comes of each.
import { heldBytes } from './measure.ts';
import { Oracle } from './oracle.ts';
import type { Finding, Report, Target } from './target.ts';

/** What a target loads when it is first run stays; what each input left behind would be more after so many. */
const mostHeldKb = 16 * 1024;

export interface FuzzOrder {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Of all targets together. */
  readonly inputs: number;
  /** False leaves the longest inputs out. */
  readonly thorough: boolean;
  readonly print: (line: string) => void;
}

/** Each target's share of the inputs; answers how many there were and what was found. */
export async function runFuzz({ targets, seed, inputs, thorough, print }: FuzzOrder): Promise<Report> {
  const oracle = new Oracle();
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const reports: Report[] = [];
  print(
    `${'target'.padEnd(88)} ${['inputs', 'findings', 'slowest ms', 'seconds', 'held KB'].map((head) => head.padStart(10)).join(' ')}`,
  );
  try {
    for (const target of targets) {
      const started = performance.now();
      const share = Math.ceil((inputs * target.weight) / weights);
      const before = heldBytes();
      const report = await target.run({ seed, inputs: share, oracle, lengths: thorough ? [4_000, 50_000] : [4_000] });
      const heldKb = (heldBytes() - before) / 1024;
      reports.push(
        heldKb > mostHeldKb ? withFinding(report, { what: `it holds ${heldKb} KB more`, input: '', seed }) : report,
      );
      const seconds = (performance.now() - started) / 1000;
      const figures = [
        report.inputs,
        report.findings.length,
        report.slowestMs.toFixed(1),
        seconds.toFixed(1),
        heldKb.toFixed(0),
      ];
      print(`${target.name.padEnd(88)} ${figures.map((figure) => String(figure).padStart(10)).join(' ')}`);
      for (const { what, input, seed: its } of report.findings) print(`  ${what}\n  seed ${its}, input ${input}`);
    }
  } finally {
    oracle.close();
  }
  return {
    inputs: reports.reduce((sum, report) => sum + report.inputs, 0),
    findings: reports.flatMap((report) => report.findings),
    slowestMs: Math.max(...reports.map((report) => report.slowestMs)),
  };
}

function withFinding(report: Report, finding: Finding): Report {
  return { ...report, findings: [...report.findings, finding] };
}

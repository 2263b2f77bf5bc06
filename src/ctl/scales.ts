// Which programs run another number of processes than the file says: a line of status for each.
import { XmlRpcFault } from '../rpc/xmlrpc.ts';
import { readList, readNumber, readRecord, readText } from './answers.ts';
import type { Context } from './context.ts';

export interface ScaleRow {
  readonly name: string;
  readonly group: string;
  readonly count: number;
  /** What the file says. */
  readonly file: number;
}

/** None from a daemon that knows of no such thing. */
export async function askScales(context: Context): Promise<readonly ScaleRow[]> {
  try {
    return readList(await context.call('corevisor.getScales')).map((item) => {
      const { name, group, count, file } = readRecord(item);
      return { name: readText(name), group: readText(group), count: readNumber(count), file: readNumber(file) };
    });
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    return [];
  }
}

/** `web: scaled to 4 (the file says 2)`, where its group is shown. */
export function scaleLines(
  scales: readonly ScaleRow[],
  rows: readonly { readonly group: string }[],
): readonly string[] {
  return scales
    .filter(({ group }) => rows.some((row) => row.group === group))
    .map(({ name, count, file }) => `${name}: scaled to ${count} (the file says ${file})`);
}

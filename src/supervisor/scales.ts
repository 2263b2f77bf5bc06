// Numbers of processes that somebody has asked for at run time. They count instead of the file's until the file says another
// number than it did then, or the life ends.

import { ConfigError, oneLine } from '../base/errors.ts';
import { processDiffers } from '../config/diff.ts';
import type { Config } from '../config/load.ts';
import type { GroupConfig } from '../config/programs.ts';

/** One of them. */
export interface Scale {
  /** `program:x` */
  readonly section: string;
  readonly asked: number | 'auto';
  /** What the file said when it was asked for. */
  readonly inFile: number;
}

export class Scales {
  #scales: readonly Scale[] = [];

  get all(): readonly Scale[] {
    return this.#scales;
  }

  /** The configuration as it counts. What the file now says otherwise is forgotten, and so is what does not fit any more. */
  appliedTo(loaded: Config, logger: { info(text: string): void; warn(text: string): void }): Config {
    if (this.#scales.length === 0) return loaded;
    for (const { section, inFile } of this.#scales) {
      const now = countOf(section, loaded.groups);
      if (now === inFile) continue;
      this.#scales = this.#scales.filter((scale) => scale.section !== section);
      logger.info(`[${section}] is not scaled any more: the file says ${now} instead of ${inFile}`);
    }
    try {
      return scaledConfig(loaded, this.#scales, loaded.groups);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      logger.warn(`nothing is scaled any more, for it does not fit the file: ${oneLine(error)}`);
      this.#scales = [];
      return loaded;
    }
  }

  /**
   * The configuration with another number for a section; null for the file's own. Processes that stay as they are in `before`
   * are the same objects. Throws ConfigError, and then nothing has changed.
   */
  set(
    { section, asked }: { readonly section: string; readonly asked: number | 'auto' | null },
    { loaded, before }: { readonly loaded: Config; readonly before: readonly GroupConfig[] },
  ): Config {
    const others = this.#scales.filter((scale) => scale.section !== section);
    const inFile = countOf(section, loaded.groups);
    const isFile = asked === null || asked === inFile;
    const scales = isFile ? others : [...others, { section, asked, inFile }];
    const config = scaledConfig(loaded, scales, before);
    this.#scales = scales;
    return config;
  }
}

/** How many processes groups have of a section. */
export function countOf(section: string, groups: readonly GroupConfig[]): number {
  return groups.flatMap(({ processes }) => processes).filter((process) => process.section === section).length;
}

function scaledConfig(loaded: Config, scales: readonly Scale[], before: readonly GroupConfig[]): Config {
  const scaled = scales.length === 0 ? loaded.groups : loaded.scaled(new Map(scales.map((s) => [s.section, s.asked])));
  return { ...loaded, groups: scaled.map((group) => sameWhereEqual(group, before)) };
}

function sameWhereEqual(group: GroupConfig, before: readonly GroupConfig[]): GroupConfig {
  const earlier = before.find(({ name }) => name === group.name);
  const old = new Map(earlier?.processes.map((process) => [process.name, process]));
  const processes = group.processes.map((process) => {
    const same = old.get(process.name);
    return same === undefined || processDiffers(same, process) ? process : same;
  });
  return { ...group, processes };
}

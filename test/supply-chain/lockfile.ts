// package-lock.json as the tests need it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** One place in node_modules. */
export interface LockedPackage {
  /** `koffi`, `@types/node`. */
  readonly name: string;
  readonly path: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

/** Everything in node_modules, our own workspaces aside. */
export function lockedPackages(): LockedPackage[] {
  const empty: { packages: Record<string, Omit<LockedPackage, 'name' | 'path'>> } = { packages: {} };
  return Object.entries(Object.assign(empty, readJson('package-lock.json')).packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, about]) => ({ ...about, path, name: path.slice(path.lastIndexOf('node_modules/') + 13) }));
}

/** A manifest of ours. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** package.json, or a workspace's; what it does not have is empty. */
export function readManifest(path: string): Manifest {
  const empty = { dependencies: {}, devDependencies: {}, allowScripts: {} };
  return Object.assign(empty, readJson(path));
}

function readJson(path: string): object {
  const read: unknown = JSON.parse(readFileSync(resolve(root, path), 'utf8'));
  if (typeof read !== 'object' || read === null) throw new Error(`${path} is no object`);
  return read;
}

/** The packages of the table in docs/architecture.md. */
export function justified(): { readonly production: string[]; readonly development: string[] } {
  const text = readFileSync(resolve(root, 'docs/architecture.md'), 'utf8');
  const section = /^## Dependencies$([^]*?)(?=^## |$(?![^]))/m.exec(text)?.[1] ?? '';
  const [production = '', development = ''] = section.split(/^\| _development_ .*$/m);
  return { production: namesIn(production), development: namesIn(development) };
}

function namesIn(rows: string): string[] {
  const cells = rows.split('\n').flatMap((line) => /^\| (`[^|]*`) +\| *\S/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')).toSorted();
}

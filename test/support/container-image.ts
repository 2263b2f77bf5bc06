// The image under test: this tree's Dockerfile, built once per run. COREVISOR_BASE_IMAGE is the base image to build on,
// where the Dockerfile's own cannot be pulled; COREVISOR_IMAGE is an image to test as it is instead of building one.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { runClient } from './engine.ts';

/** The image of this tree, built by the first who asks; its name. */
export function buildImage(): Promise<string> {
  const given = process.env['COREVISOR_IMAGE'];
  if (given !== undefined) return Promise.resolve(given);
  const started = builds.get(imageName) ?? build(['--tag', imageName]).then(() => imageName);
  builds.set(imageName, started);
  return started;
}

/** `docker build` of this tree with further flags; throws with the end of its output. */
export async function build(flags: readonly string[]): Promise<void> {
  const client = await findBuilder();
  const secrets = await mkdtemp(join(tmpdir(), 'corevisor-build-'));
  try {
    const base = process.env['COREVISOR_BASE_IMAGE'];
    const words = [
      ...(base === undefined ? [] : ['--build-arg', `BASE_IMAGE=${base}`]),
      ...(await registrySecrets(secrets)),
      '--progress',
      'plain',
      ...flags,
      projectRoot,
    ];
    const { status, stderr } = await runClient([client, 'build', ...words], buildTimeoutMs);
    if (status !== 0) throw new Error(`docker build failed: ${stderr.slice(-3000)}`);
  } finally {
    await rm(secrets, { recursive: true });
  }
}

// A docker client without its buildx plugin cannot build with BuildKit, while Debian's own client has BuildKit built in:
// the first in the PATH that builds two lines is taken.
async function findBuilder(): Promise<string> {
  const empty = await mkdtemp(join(tmpdir(), 'corevisor-probe-'));
  await writeFile(join(empty, 'Dockerfile'), 'FROM scratch\nLABEL probe=1\n');
  try {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
    const clients = [...new Set(folders.map((folder) => join(folder, 'docker')))].filter((file) => existsSync(file));
    for (const client of clients) {
      const { status } = await runClient([client, 'build', '--quiet', empty], commandTimeoutMs);
      if (status === 0) return client;
    }
    throw new Error(`no docker client here builds with BuildKit; tried ${clients.join(', ')}`);
  } finally {
    await rm(empty, { recursive: true });
  }
}

// What this machine's npm uses, whatever it is: a registry other than the public one, certificates of a proxy.
async function registrySecrets(folder: string): Promise<string[]> {
  const npmrc = join(folder, 'npmrc');
  await writeFile(npmrc, `registry=${await npmSetting('registry')}\n`, { mode: 0o600 });
  const authorities = [await npmSetting('cafile'), process.env['NODE_EXTRA_CA_CERTS'] ?? ''];
  const ca = authorities.find((file) => existsSync(file));
  return ['--secret', `id=npmrc,src=${npmrc}`, ...(ca === undefined ? [] : ['--secret', `id=ca,src=${ca}`])];
}

async function npmSetting(name: string): Promise<string> {
  const { stdout } = await runClient(['npm', 'config', 'get', name], commandTimeoutMs);
  return stdout.trim();
}

const projectRoot = resolve(import.meta.dirname, '../..');
const imageName = 'corevisor-under-test';
const buildTimeoutMs = 900_000;
const commandTimeoutMs = 60_000;
const builds = new Map<string, Promise<string>>();

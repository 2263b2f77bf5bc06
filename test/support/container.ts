// Containers of the image under test, their ports published on loopback, and how they are taken away again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage } from './container-image.ts';
import type { Outcome } from './ctl.ts';
import { docker, tryDocker } from './engine.ts';
import { waitUntil } from './wait-until.ts';

export interface ContainerOptions {
  /** Further flags of `docker run`. */
  readonly flags?: readonly string[];
  /** Text of the supervisord.conf to mount in place of the image's own. */
  readonly config?: string;
  /** What follows the image: arguments of its entrypoint. */
  readonly words?: readonly string[];
}

/** A container of the image for the length of `use`; on failure its log is part of the error. */
export async function withContainer(
  options: ContainerOptions,
  use: (container: Container) => Promise<void>,
): Promise<void> {
  const container = await startContainer(options);
  try {
    await use(container);
  } catch (error) {
    const log = await container.log().catch(String);
    throw new Error(`${String(error)}\n--- the container's log ends with ---\n${log.slice(-3000)}`, { cause: error });
  } finally {
    await container.remove();
  }
}

/** Starts a container of the image in the background, its ports published on loopback; the caller removes it. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const image = await buildImage();
  const scratch = await mkdtemp(join(tmpdir(), 'corevisor-container-'));
  const mounts: string[] = [];
  if (options.config !== undefined) {
    const file = join(scratch, 'supervisord.conf');
    await writeFile(file, options.config, { mode: 0o644 });
    mounts.push('--volume', `${file}:/etc/supervisord.conf:ro`);
  }
  const ports = ['--publish', '127.0.0.1::80', '--expose', '9001', '--publish', '127.0.0.1::9001'];
  const id = await docker(
    'run',
    '--detach',
    ...ports,
    ...mounts,
    ...(options.flags ?? []),
    image,
    ...(options.words ?? []),
  );
  return new Container({ id, scratch });
}

/** One running container. */
export class Container {
  readonly id: string;
  readonly #scratch: string;

  constructor(options: { id: string; scratch: string }) {
    this.id = options.id;
    this.#scratch = options.scratch;
  }

  /** Runs a command inside, as the container's own user. */
  exec(...words: readonly string[]): Promise<Outcome> {
    return tryDocker('exec', this.id, ...words);
  }

  /** All that the container wrote to its stdout and stderr so far. */
  async log(): Promise<string> {
    const { stdout, stderr } = await tryDocker('logs', this.id);
    return stdout + stderr;
  }

  /** Where a port of the container is reached from here. */
  async address(port: number): Promise<{ host: string; port: number }> {
    const lines = await docker('port', this.id, `${port}/tcp`);
    return { host: '127.0.0.1', port: Number(/:(\d+)$/m.exec(lines)?.[1]) };
  }

  /** GET through a published port; throws when nothing answers. */
  async get(path: string, port = 80): Promise<{ status: number; body: string }> {
    const address = await this.address(port);
    const answer = await fetch(`http://${address.host}:${address.port}${path}`, { signal: AbortSignal.timeout(5000) });
    return { status: answer.status, body: await answer.text() };
  }

  /** Waits until nginx passes a request on and a worker answers it. */
  async serving(): Promise<void> {
    const answers = async (): Promise<boolean> => {
      try {
        return (await this.get('/')).status === 200;
      } catch {
        return false;
      }
    };
    await waitUntil(answers, { what: 'the first answer on port 80', deadlineMs: 20_000, everyMs: 100 });
  }

  /** Reads one value by a Go template. */
  inspect(template: string): Promise<string> {
    return docker('inspect', '--format', template, this.id);
  }

  /** The state letters of all processes inside, as /proc tells them. */
  async processStates(): Promise<string[]> {
    const { stdout } = await this.exec('sh', '-c', 'cat /proc/[0-9]*/stat 2>/dev/null');
    return stdout.split('\n').flatMap((line) => /^\d+ \(.*\) ([A-Za-z]) /.exec(line)?.[1] ?? []);
  }

  /** `docker stop`: how long that took, and with what status the container ended. */
  async stop(): Promise<{ exitCode: number; tookMs: number }> {
    const before = performance.now();
    await docker('stop', '-t', '20', this.id);
    const tookMs = performance.now() - before;
    return { exitCode: Number(await this.inspect('{{.State.ExitCode}}')), tookMs };
  }

  /** Ends it at once and removes it with its volumes. */
  async remove(): Promise<void> {
    await docker('rm', '--force', '--volumes', this.id);
    await rm(this.#scratch, { recursive: true, force: true });
  }
}

// How many CPUs this container may use: the CPUs that the scheduler lets it run on, and the smallest quota of its cgroup
// and of every cgroup above it that can be seen, version 1 and 2. Node's own count ignores or misreads quotas.

/** The number that `numprocs=auto` and `%(cpus)d` stand for, and why, as the log says it. */
export interface CpuBudget {
  readonly count: number;
  readonly reason: string;
}

export interface Machine {
  /** A file's text, null when it cannot be read. */
  readonly readFile: (path: string) => string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What counts where the kernel does not tell (no /proc). */
  readonly otherwise: () => number;
}

/** max(1, min(affinity, quota rounded up)); a positive whole number in COREVISOR_CPUS overrides it. */
export function cpuBudget(machine: Machine): CpuBudget {
  const found = affinity(machine);
  const quota = smallestQuota(machine);
  const allowed = found ?? machine.otherwise();
  const count = Math.max(1, Math.min(allowed, Math.ceil(quota ?? Infinity)));
  const parts = [found === null ? `${allowed} available` : `affinity ${allowed}`];
  if (quota !== null) parts.unshift(`cpu quota ${shortNumber(quota)}`);
  const asked = machine.environment['COREVISOR_CPUS'];
  if (asked === undefined || asked === '') return { count, reason: parts.join(', ') };
  if (/^[1-9]\d{0,4}$/.test(asked)) return { count: Number(asked), reason: 'COREVISOR_CPUS' };
  return { count, reason: [...parts, `COREVISOR_CPUS is no whole number from 1, ignored`].join(', ') };
}

/** `0-3,7` has five. Covers cpusets and taskset. */
function affinity({ readFile }: Machine): number | null {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFile('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return null;
  const sizes = list.split(',').map((range) => {
    const [first = '', last = first] = range.split('-');
    return Number(last) - Number(first) + 1;
  });
  const count = sizes.reduce((sum, size) => sum + size, 0);
  return Number.isInteger(count) && count > 0 ? count : null;
}

/** In CPUs; null without a limit. */
function smallestQuota(machine: Machine): number | null {
  const directories = cgroupDirectories(machine);
  const quotas = directories.map(({ version, path }) => (version === 2 ? quotaV2 : quotaV1)(machine, path));
  const limits = quotas.filter((quota) => quota !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

function quotaV2({ readFile }: Machine, directory: string): number | null {
  const [quota = 'max', period = '100000'] = (readFile(`${directory}/cpu.max`) ?? 'max').trim().split(/\s+/);
  return ratio(quota, period);
}

function quotaV1({ readFile }: Machine, directory: string): number | null {
  const quota = readFile(`${directory}/cpu.cfs_quota_us`);
  const period = readFile(`${directory}/cpu.cfs_period_us`);
  return quota === null || period === null ? null : ratio(quota.trim(), period.trim());
}

function ratio(quota: string, period: string): number | null {
  const cpus = Number(quota) / Number(period);
  return cpus > 0 && Number.isFinite(cpus) ? cpus : null;
}

interface CgroupDirectory {
  readonly version: 1 | 2;
  readonly path: string;
}

/** Every visible directory from our own cgroup up to where its hierarchy is mounted. */
function cgroupDirectories(machine: Machine): CgroupDirectory[] {
  const mounts = cgroupMounts(machine.readFile('/proc/self/mountinfo') ?? '');
  const memberships = cgroupMemberships(machine.readFile('/proc/self/cgroup') ?? '');
  return memberships.flatMap(({ version, path }) => {
    const candidates = mounts.filter((mount) => mount.version === version);
    const matching = candidates.filter(({ root }) => below(root, path) !== null);
    // A root that does not hold our path is a mount from outside our cgroup namespace: its top is all that can be said.
    return (matching.length > 0 ? matching : candidates).flatMap(({ root, mountPoint }) =>
      upwards(mountPoint, below(root, path) ?? '').map((directory) => ({ version, path: directory })),
    );
  });
}

interface CgroupMount {
  readonly version: 1 | 2;
  /** Which part of the hierarchy is mounted. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Lines of proc_pid_mountinfo(5): `36 35 0:30 ROOT MOUNTPOINT options … - type source superoptions`. */
function cgroupMounts(text: string): CgroupMount[] {
  return text.split('\n').flatMap((line): CgroupMount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    const place = { root: unescaped(root), mountPoint: unescaped(mountPoint) };
    if (type === 'cgroup2') return [{ version: 2, ...place }];
    return type === 'cgroup' && options.split(',').includes('cpu') ? [{ version: 1, ...place }] : [];
  });
}

/** Lines of cgroups(7): `0::/path` is version 2, `4:cpu,cpuacct:/path` version 1. */
function cgroupMemberships(text: string): CgroupDirectory[] {
  return text.split('\n').flatMap((line): CgroupDirectory[] => {
    const [, id = '', controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === '0' && controllers === '') return [{ version: 2, path }];
    return controllers.split(',').includes('cpu') ? [{ version: 1, path }] : [];
  });
}

/** The part of `path` below `root`, '' for the root itself; null when it is elsewhere. */
function below(root: string, path: string): string | null {
  if (root === '/') return path === '/' ? '' : path;
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}

/** `/a/b` below `/m`: `/m/a/b`, `/m/a`, `/m`. A path that leads out of the namespace (`/../x`) is no directory here. */
function upwards(mountPoint: string, path: string): string[] {
  if (path === '' || path.split('/').includes('..')) return [mountPoint];
  return [mountPoint + path, ...upwards(mountPoint, path.slice(0, path.lastIndexOf('/')))];
}

/** mountinfo writes space, tab, newline and backslash as `\040` and so on. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function shortNumber(number: number): string {
  return String(Math.round(number * 100) / 100);
}

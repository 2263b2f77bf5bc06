import { expect } from 'chai';
import { cpuBudget } from '../../src/os/cpus.ts';

const v2Mount = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
const v1Mount = '32 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:7 - cgroup cgroup rw,cpu,cpuacct\n';
const others =
  '22 28 0:21 / /proc rw - proc proc rw\n33 25 0:29 / /sys/fs/cgroup/cpuset rw shared:8 - cgroup cgroup rw,cpuset\n';

interface Tree {
  readonly allowed?: string;
  readonly mountinfo?: string;
  readonly cgroup?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly asked?: string;
}

function budget(tree: Tree): { count: number; reason: string } {
  const files: Readonly<Record<string, string | undefined>> = {
    '/proc/self/status': `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${tree.allowed ?? '0-7'}\nThreads:\t7\n`,
    '/proc/self/mountinfo': others + (tree.mountinfo ?? ''),
    '/proc/self/cgroup': tree.cgroup ?? '',
    ...tree.files,
  };
  return cpuBudget({
    readFile: (path) => files[path] ?? null,
    environment: { COREVISOR_CPUS: tree.asked },
    otherwise: () => 99,
  });
}

function v1Files(quotas: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(quotas).flatMap(([directory, quota]) => [
      [`/sys/fs/cgroup/cpu,cpuacct${directory}/cpu.cfs_quota_us`, `${quota}\n`],
      [`/sys/fs/cgroup/cpu,cpuacct${directory}/cpu.cfs_period_us`, '100000\n'],
    ]),
  );
}

describe('the CPUs of this container', () => {
  const cases: readonly [string, Tree, { count: number; reason: string }][] = [
    ['are those of the affinity without any cgroup', {}, { count: 8, reason: 'affinity 8' }],
    ['count ranges and single CPUs', { allowed: '0-3,7,9-10' }, { count: 7, reason: 'affinity 7' }],
    ['are one on one CPU', { allowed: '0' }, { count: 1, reason: 'affinity 1' }],
    [
      'are limited by a version 2 quota, rounded up',
      { mountinfo: v2Mount, cgroup: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '150000 100000\n' } },
      { count: 2, reason: 'cpu quota 1.5, affinity 8' },
    ],
    [
      'are at least one',
      { mountinfo: v2Mount, cgroup: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '25000 100000\n' } },
      { count: 1, reason: 'cpu quota 0.25, affinity 8' },
    ],
    [
      'ignore "max" and a missing file',
      { mountinfo: v2Mount, cgroup: '0::/a/b\n', files: { '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' } },
      { count: 8, reason: 'affinity 8' },
    ],
    [
      'obey the smallest quota of all version 2 levels',
      {
        mountinfo: v2Mount,
        cgroup: '0::/kubepods/pod1/c1\n',
        files: {
          '/sys/fs/cgroup/kubepods/cpu.max': '600000 100000\n',
          '/sys/fs/cgroup/kubepods/pod1/cpu.max': '300000 100000\n',
          '/sys/fs/cgroup/kubepods/pod1/c1/cpu.max': '400000 100000\n',
        },
      },
      { count: 3, reason: 'cpu quota 3, affinity 8' },
    ],
    [
      'are the affinity where that is less than the quota',
      {
        allowed: '0-1',
        mountinfo: v2Mount,
        cgroup: '0::/\n',
        files: { '/sys/fs/cgroup/cpu.max': '250000 100000\n' },
      },
      { count: 2, reason: 'cpu quota 2.5, affinity 2' },
    ],
    [
      'are limited by a version 1 quota of a parent',
      {
        mountinfo: v1Mount,
        cgroup: '4:cpu,cpuacct:/docker/c1\n',
        files: v1Files({ '/docker': 50000, '/docker/c1': -1 }),
      },
      { count: 1, reason: 'cpu quota 0.5, affinity 8' },
    ],
    [
      'are unlimited by -1',
      { mountinfo: v1Mount, cgroup: '4:cpu,cpuacct:/x\n', files: v1Files({ '': -1, '/x': -1 }) },
      { count: 8, reason: 'affinity 8' },
    ],
    [
      'are found where only the own cgroup is bind-mounted (a container without a cgroup namespace)',
      {
        mountinfo: v1Mount.replace(' / /sys', ' /docker/c1 /sys'),
        cgroup: '4:cpu,cpuacct:/docker/c1\n0::/\n',
        files: v1Files({ '': 150000 }),
      },
      { count: 2, reason: 'cpu quota 1.5, affinity 8' },
    ],
    [
      'are found below a bind mount',
      {
        mountinfo: v1Mount.replace(' / /sys', ' /docker/c1 /sys'),
        cgroup: '4:cpuacct,cpu:/docker/c1/worker\n',
        files: v1Files({ '': -1, '/worker': 250000 }),
      },
      { count: 3, reason: 'cpu quota 2.5, affinity 8' },
    ],
    [
      'do not take a neighbour with the same beginning for an ancestor',
      {
        mountinfo:
          v1Mount.replace(' / /sys', ' /docker/c /sys') + v2Mount.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified'),
        cgroup: '4:cpu,cpuacct:/docker/c1\n0::/\n',
        files: v1Files({ '1': 100000 }),
      },
      { count: 8, reason: 'affinity 8' },
    ],
    [
      'are those of a cgroup namespace, whose root is our cgroup',
      { mountinfo: v2Mount, cgroup: '0::/\n', files: { '/sys/fs/cgroup/cpu.max': '50000 25000\n' } },
      { count: 2, reason: 'cpu quota 2, affinity 8' },
    ],
    [
      'stay at the top of a mount from outside our cgroup namespace',
      {
        mountinfo: v2Mount.replace(' / /sys', ' /../.. /sys'),
        cgroup: '0::/\n',
        files: { '/sys/fs/cgroup/cpu.max': '100000 100000\n' },
      },
      { count: 1, reason: 'cpu quota 1, affinity 8' },
    ],
    [
      'come from version 1 on a hybrid machine whose version 2 has no CPU controller',
      {
        mountinfo: v1Mount + v2Mount.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified'),
        cgroup: '12:memory:/x\n4:cpu,cpuacct:/x\n1:name=systemd:/x\n0::/x\n',
        files: v1Files({ '/x': 120000 }),
      },
      { count: 2, reason: 'cpu quota 1.2, affinity 8' },
    ],
    [
      'are found where the mount point has a space in its name',
      {
        mountinfo: v2Mount.replace('/sys/fs/cgroup', String.raw`/my\040groups`),
        cgroup: '0::/\n',
        files: { '/my groups/cpu.max': '100000 100000\n' },
      },
      { count: 1, reason: 'cpu quota 1, affinity 8' },
    ],
    ['can be said outright', { asked: '3' }, { count: 3, reason: 'COREVISOR_CPUS' }],
    ['ignore an empty COREVISOR_CPUS', { asked: '' }, { count: 8, reason: 'affinity 8' }],
  ];
  for (const [name, tree, expected] of cases) {
    it(name, () => expect(budget(tree)).to.deep.equal(expected));
  }

  for (const asked of ['0', '-1', 'many', '1.5', '1e3', ' 2', '100000']) {
    it(`ignore COREVISOR_CPUS='${asked}' and say so`, () => {
      const { count, reason } = budget({ asked });
      expect(count).to.equal(8);
      expect(reason).to.equal('affinity 8, COREVISOR_CPUS is no whole number from 1, ignored');
    });
  }

  it('are what Node counts where the kernel does not tell', () => {
    expect(cpuBudget({ readFile: () => null, environment: {}, otherwise: () => 6 })).to.deep.equal({
      count: 6,
      reason: '6 available',
    });
  });
});

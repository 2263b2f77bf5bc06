// What /metrics reads, of a daemon that runs nothing.
import type { MetricsSource } from '../../src/http/metrics-route.ts';

export function fakeMetrics(change: Partial<MetricsSource> = {}): MetricsSource {
  return {
    supervisor: { state: 'RUNNING', config: { upstreams: [] }, groups: () => [] },
    rolls: { running: 0, outcomes: { done: 0, failed: 0, cancelled: 0 } },
    pools: () => [],
    resourcesOf: () => null,
    openFiles: () => null,
    orphans: () => null,
    lostLogBytes: () => 0,
    ...change,
  };
}

// docs/metrics.md as the table of metrics says it; a test keeps it fresh (UPDATE_DOCS=1 rewrites it). Pure.

import { metricKinds } from './metrics.ts';

/** The whole page, in Markdown. */
export function describeMetrics(): string {
  const tables = metricKinds.map(({ title, rows }) => {
    const lines = rows.map(({ name, type, labels, help }) => {
      const cells = [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', ') || '–', help];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
    });
    return `## ${title}\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n${lines.join('')}`;
  });
  return [intro, ...tables].join('\n');
}

const intro = `# Metrics

\`GET /metrics\` of every \`[unix_http_server]\` and \`[inet_http_server]\` answers in Prometheus' text format, version 0.0.4, to
whoever that server's password lets in. The tables are generated from \`src/http/metrics.ts\`.

A server of its own for the scraper, with a password that may do no more than the others, keeps it off the control socket:

\`\`\`ini
[inet_http_server:metrics]
port=127.0.0.1:9909
username=prometheus
password={SHA}…
\`\`\`

Mind that who may scrape may also control: the password opens the whole server. Within a container or pod, let the scraper come
in by that port alone.

\`\`\`yaml
scrape_configs:
  - job_name: corevisor
    basic_auth: { username: prometheus, password_file: /etc/prometheus/corevisor }
    static_configs: [{ targets: ['127.0.0.1:9909'] }]
\`\`\`

Three rules that pay:

\`\`\`yaml
- alert: ProcessGivenUp
  expr: corevisor_process_state{state="FATAL"} == 1
- alert: ProcessKeepsRestarting
  expr: increase(corevisor_process_restarts_total[10m]) > 3
- alert: UpstreamShort
  expr: corevisor_upstream_ready_members < corevisor_upstream_min_ready
\`\`\`

Processes are known by group and name, never by pid: a restart begins no new series. Counters of a process begin anew when its
group is removed and added or an update rolls it, those of the daemon with a reload, those of CPU time with each run; \`rate()\` and \`increase()\`
take that into account.

A scrape of 1,000 processes costs the daemon 80 ms of CPU (measured on a machine that was busy with other things) and is 1.6 MB
long. It is made in pieces of 5 ms between which everything else gets its turn: what it tells of states is one moment, CPU and
memory are read right after. Nothing is measured while nobody scrapes: a daemon without a scraper never wakes up for it.
`;

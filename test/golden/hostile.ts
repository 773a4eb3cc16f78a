import type { RunRecord } from '../../lib/model/run-record.ts';
import { drills } from './drills.ts';
import { ran } from './records.ts';

/** Every text of the run tries to get out of where it is shown. */
export function hostile(record: RunRecord): RunRecord {
  const script = '</script><img src=x onerror=alert(1)>';
  const comment = '<!--<script>\u2028alert(1)\u2029</title></style>$(touch /tmp/pwned)`id`';
  const terminal = '\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u001b[0m\u009b5m\r\b\0\u007f\uFFFE\uFFFF\u{E0041}';
  const bidi = 'safe\u202Etxt.exe\u2066\u200B\uFEFF';
  const table = '| a | `b` ```\n# heading\n[x](javascript:alert(1)) <b>*bold*</b> @everyone ]]> --> &amp; \ud800';
  const host = `rs2${script}`;
  const named = (name: string) => (name === 'rs2' ? host : name);
  const evil = {
    ...ran(
      host,
      `cat ${script}`,
      `${script}\n${terminal}\n${bidi}\n${table}\n${'A'.repeat(3000)}\n${'line\n'.repeat(400)}`,
    ),
  };
  const remedy = {
    host,
    summary: `${script} ${bidi} ${comment}`,
    commands: [`echo '${script}' ${terminal}`, `${'x'.repeat(700)} \`id\``],
    persistent: [table],
    undo: [terminal],
  };
  return {
    ...record,
    id: '20261122T210000Z-beef',
    tool: { version: `0.1.0${script}` },
    command: `accept ${script}`,
    cluster: {
      ...record.cluster,
      name: `web ${script} | \`x\``,
      hosts: record.cluster.hosts.map((one) => ({ ...one, name: named(one.name), address: `${one.address}"'<` })),
    },
    problems: [{ code: `E${script}`, message: `${terminal} ${table}`, hint: `${bidi}${comment}` }],
    verdicts: record.verdicts.map((verdict) => ({
      ...verdict,
      title: verdict.subject.host === 'rs2' ? `${verdict.title} ${script}` : verdict.title,
      subject: { ...verdict.subject, host: named(verdict.subject.host ?? '') },
      ...(verdict.outcome === 'fail'
        ? {
            reason: `${script} ${terminal} ${table}`,
            evidence: [evil],
            found: { [script]: terminal },
            expected: bidi,
            remedy,
          }
        : {}),
    })),
    diagnoses: record.diagnoses.map((diagnosis) => ({
      ...diagnosis,
      cause: `nat-rs-gateway-not-director${script}`,
      host,
      summary: `${script} ${terminal} ${bidi} ${table}`,
      because: [script, terminal, bidi, table],
      evidence: [evil],
      remedy,
      ruledOut: [{ cause: script, because: `${table} ${comment}` }],
      explains: [...diagnosis.explains, script],
    })),
    samples: Object.fromEntries(
      Object.entries(record.samples).map(([service, sampling]) => [
        `${service}${script}`,
        {
          ...sampling,
          service: `${service}${script}`,
          gaps: [{ fromMs: 8500, toMs: 12_000, reason: script }],
          samples: sampling.samples.slice(0, 12).map((sample) => ({
            ...sample,
            counts: [{ destination: `10.10.10.20:80${script}`, state: `SYN_RECV${script}`, entries: 5, stuck: 0 }],
          })),
        },
      ]),
    ),
    distribution: record.distribution.map((one) => ({
      ...one,
      expected: { [script]: 0.5, [table]: 0.5 },
      observed: { [script]: 0.5, [table]: 0.5 },
      counts: { [script]: 10, [table]: 10 },
      outcome: 'error' as const,
      reason: `${script} ${terminal}`,
      method: 'chi-square' as const,
      bounds: { [script]: [0.4, 0.6] as const },
      confidence: { [table]: [0.4, 0.6] as const },
      sample: { unit: 'source-address' as const, size: 20, needed: 300 },
      limits: [script, `${terminal}${bidi}`],
    })),
    load: record.load.map((one) => ({
      ...one,
      service: `web${script}`,
      url: `javascript:alert(1)//${script}`,
      answersByRealServer: { [script]: 1, [terminal]: 2 },
      errors: {
        ...one.errors,
        examples: [{ kind: 'other' as const, localPort: 1, atMs: 1, message: `${script}${terminal}` }],
      },
    })),
    changes: [{ host, what: script, command: terminal, undo: table, undone: false, undoError: `${script}${bidi}` }],
    failovers: drills()
      .slice(4)
      .map((drill) => ({
        ...drill,
        service: `web${script}`,
        hosts: [host, terminal],
        reason: `${script} ${terminal} ${table}`,
        timeline: drill.timeline.map((entry) => ({
          ...entry,
          host: entry.host === 'director2' ? `director2${script}${terminal}` : entry.host,
          value: entry.kind === 'synced-entries' ? entry.value : `${script} ${bidi} ${table}`,
        })),
        takeover: {
          ...drill.takeover,
          owner: host,
          predicted: { reaction: { minMs: 0, maxMs: 1 }, outage: { minMs: 0, maxMs: 1 }, because: [script, terminal] },
        },
      })),
    restored: false,
    exitCode: 6,
    hosts: record.hosts.map((one) => ({ ...one, name: named(one.name), os: script, kernel: `${terminal}${comment}` })),
    stages: [{ name: script, durationMs: 12 }],
  };
}

/** What a comparison needs of a run. */
import type { Baseline, BaselineLoad } from '../model/comparison.ts';
import type { LoadResult } from '../model/load-result.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { SubjectName } from '../model/verdict.ts';

/** Evidence, commands and raw output stay behind. */
export function baselineOf(record: RunRecord): Baseline {
  const { id, command, tool, startedAt, verdict, exitCode, restored, interrupted, cluster } = record;
  return {
    format: 'ipvet-baseline/1',
    run: {
      id,
      command,
      tool: { version: tool.version },
      startedAt,
      verdict,
      exitCode,
      restored,
      ...(interrupted === undefined ? {} : { interrupted }),
    },
    cluster,
    leftOut: (record.leftOut ?? []).map(({ check }) => check),
    hosts: record.hosts.map(({ name, role, os, kernel }) => ({
      name,
      role,
      ...(os === undefined ? {} : { os }),
      ...(kernel === undefined ? {} : { kernel }),
    })),
    verdicts: record.verdicts.map(({ check, title, severity, subject, outcome, reason }) => ({
      check,
      title,
      severity,
      subject,
      outcome,
      ...(reason === undefined ? {} : { reason }),
    })),
    diagnoses: record.diagnoses.map(({ cause, summary, host, service, certainty, explains }) => ({
      cause,
      summary,
      ...(host === undefined ? {} : { host }),
      ...(service === undefined ? {} : { service }),
      certainty,
      explains,
    })),
    load: record.load.map(loadOf),
  };
}

function loadOf(load: LoadResult): BaselineLoad {
  const { service, profile, engine, client, durationMs, requested, sent, answered, failed, connections } = load;
  const { rateRps, connect, total, corrected, synRetransmits, timeline, openLoop, capacity } = load;
  return {
    service,
    profile,
    engine,
    client,
    durationMs,
    requested,
    sent,
    answered,
    failed,
    connections,
    rateRps,
    ...(connect === undefined ? {} : { connect }),
    ...(total === undefined ? {} : { total }),
    ...(corrected === undefined ? {} : { corrected }),
    ...(synRetransmits === undefined ? {} : { synRetransmits }),
    timeline,
    ...(openLoop === undefined ? {} : { openLoop: { offeredRps: openLoop.offeredRps, lateSends: openLoop.lateSends } }),
    ...(capacity === undefined
      ? {}
      : {
          capacity: {
            ...(capacity.rateRps === undefined ? {} : { rateRps: capacity.rateRps }),
            limitedBy: capacity.limitedBy,
          },
        }),
  };
}

/** As `Diagnosis.explains` names a verdict: `check@host/service`. */
export function verdictKey({ check, subject }: { readonly check: string; readonly subject: SubjectName }): string {
  return `${check}@${[subject.host, subject.service].filter((part) => part !== undefined).join('/')}`;
}

/** A run against this machine in every role, without load: real answers, real parsers, verdicts of every kind. */
import { join } from 'node:path';

import { parseCluster } from '../../../lib/config/load.ts';
import type { RunRecord } from '../../../lib/model/run-record.ts';
import { Run } from '../../../lib/run/run.ts';
import { pairsOf } from '../../../suites/catalogue.ts';
import { natText, today } from '../config/cluster-text.ts';

export interface MadeRun {
  readonly directory: string;
  readonly record: RunRecord;
}

/** Every host is this machine. */
export const localText = natText
  .replaceAll(/host: (?:lb1\.mgmt|10\.10\.10\.\d+)/g, 'host: localhost')
  .replaceAll(/ jump: director1,/g, '')
  .replace('become: sudo', 'become: none');

/** `change` of the cluster file's text. */
export async function aRun(folder: string, change: (text: string) => string = (text) => text): Promise<MadeRun> {
  const text = localText;
  const cluster = parseCluster(change(text), join(folder, 'cluster.yaml'), { today });
  const run = new Run({
    cluster,
    command: 'check',
    version: '0.0.1',
    outDirectory: folder,
    allow: { traffic: false, change: false },
    stages: ['pre', 'post'],
    failOn: 'fail',
  });
  // As the suites do: the whole plan first, stage by stage.
  const stages = ['pre', 'post'] as const;
  const ofStage = stages.flatMap((stage) => pairsOf(cluster).filter(({ check }) => check.stage === stage));
  const pairs = ofStage.filter(({ check, subject }) => run.plan(check, subject));
  for (const { check, subject } of pairs) await run.judge(check, subject);
  return { record: await run.finish(), directory: run.directory };
}

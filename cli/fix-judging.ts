/** Runs that judge for `ipvet fix`: which findings there are, and whether they are still there. */
import { IpvetError } from '../lib/errors.ts';
import { findingName, isFinding, type FixFinding } from '../lib/fixes/plan.ts';
import type { Seen } from '../lib/fixes/application.ts';
import { type Check, type Stage, type Subject } from '../lib/model/check.ts';
import { type Cluster, hostsOf } from '../lib/model/cluster.ts';
import type { RunRecord } from '../lib/model/run-record.ts';
import { subjectName } from '../lib/run/judge.ts';
import type { Listener } from '../lib/run/journal.ts';
import { Run } from '../lib/run/run.ts';
import { isNamedBy } from '../lib/run/selection.ts';
import { version } from '../lib/version.ts';
import { pairsOf } from '../suites/catalogue.ts';
import { type Catalogue, mustName } from './catalogue.ts';
import { type GlobalOptions, prompter } from './options.ts';

export interface Judging {
  readonly cluster: Cluster;
  readonly catalogue: Catalogue;
  readonly options: GlobalOptions;
  /** As typed after `ipvet`. */
  readonly command: string;
}

interface Question {
  readonly stages: readonly Stage[];
  readonly wants: (check: Check, subject: Subject) => boolean;
  /** Folder that gets the run's own folder. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly onEvent?: Listener;
}

/** Throws USAGE for a word that is no check, no folder of them, or has `@` and no host of the cluster. */
export function mustBeFindings(words: readonly string[], { checks }: Catalogue, cluster: Cluster): void {
  const hosts = hostsOf(cluster).map(({ name }) => name);
  for (const word of words) {
    const [check = '', host, ...more] = word.split('@');
    mustName([check], checks);
    if (more.length > 0 || (host !== undefined && !hosts.includes(host)))
      throw new IpvetError('USAGE', `${word} names no host of ${cluster.file}`, { hint: `hosts: ${hosts.join(', ')}` });
    const stages = checks.filter((known) => isNamedBy(known, check)).map(({ stage }) => stage);
    if (stages.every((stage) => stage === 'traffic'))
      throw new IpvetError('USAGE', `${check} is judged under load, and is a symptom: there is nothing to mend in it`, {
        hint: 'ipvet diagnose finds its cause',
      });
  }
}

/** As `ipvet check` would: `pre`, or with words the checks they name, also of `post`. Its own connections. */
export function judgeFindings(
  judging: Judging,
  words: readonly string[],
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: Listener },
): Promise<RunRecord> {
  return judged(judging, {
    stages: words.length === 0 ? ['pre'] : ['pre', 'post'],
    wants: (check, subject) =>
      words.length === 0 || words.some((word) => isFinding(word, { check: check.id, subject: subjectName(subject) })),
    out: judging.options.out,
    signal,
    onEvent,
  });
}

/** The same pairs again, and no others, over connections of its own. */
export async function judgeAgain(
  judging: Judging,
  findings: readonly FixFinding[],
  { out, signal }: { readonly out: string; readonly signal: AbortSignal },
): Promise<Seen> {
  const names = new Set(findings.map(findingName));
  const { verdicts } = await judged(
    { ...judging, options: { ...judging.options, limit: [], skip: [] } },
    {
      stages: ['pre', 'post'],
      wants: (check, subject) => names.has(nameIn(check.id, subject)),
      out,
      signal,
    },
  );
  return new Map(
    verdicts.map(({ check, subject, outcome, reason }) => [
      findingName({
        check,
        host: subject.host ?? '',
        ...(subject.service === undefined ? {} : { service: subject.service }),
      }),
      { outcome, ...(reason === undefined ? {} : { reason }) },
    ]),
  );
}

function nameIn(check: string, subject: Subject): string {
  const { host = '', service } = subjectName(subject);
  return findingName({ check, host, ...(service === undefined ? {} : { service }) });
}

async function judged({ cluster, catalogue, options, command }: Judging, question: Question): Promise<RunRecord> {
  const { stages, wants, out, signal, onEvent } = question;
  const prompt = prompter(options);
  const run = new Run({
    cluster,
    command,
    version,
    outDirectory: out,
    allow: { traffic: false, change: false },
    stages,
    limit: options.limit,
    skip: options.skip,
    suiteChecks: catalogue.suiteChecks,
    failOn: options.failOn,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const stop = () => {
    run.interrupt('SIGINT');
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const pairs = pairsOf(cluster, catalogue.suiteChecks)
      .filter(({ check, subject }) => wants(check, subject))
      .filter(({ check, subject }) => run.plan(check, subject));
    for (const { check, subject } of pairs) await run.judge(check, subject);
  } catch (error) {
    run.fail(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return run.finish();
}

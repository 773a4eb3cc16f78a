/**
 * Every rule over one input. One cause is named once for a host and a service; what an observation contradicts is told with
 * the causes that are left. Ordered by how sure they are, then by how much they explain. Pure.
 */
import type { Certainty, Diagnosis } from '../model/diagnosis.ts';
import type { Evidence } from '../model/evidence.ts';
import { type DiagnosisInput, keyOf } from './input.ts';
import type { Exclusion, Rule } from './rule.ts';
import { rules as registry } from './rules/index.ts';

const rank: Readonly<Record<Certainty, number>> = { certain: 0, likely: 1, possible: 2 };

export interface DiagnoseOptions {
  /** Default: those of the registry. */
  readonly rules?: readonly Rule[];
  /** Told of a rule that throws, which then has nothing to say; the others are asked all the same. Default: throws what it threw. */
  readonly onBroken?: (rule: Rule, error: unknown) => void;
}

const rethrow = (_rule: Rule, error: unknown): never => {
  throw error;
};

export function diagnose(
  input: DiagnosisInput,
  { rules = registry, onBroken = rethrow }: DiagnoseOptions = {},
): readonly Diagnosis[] {
  const ofEach = <T>(some: readonly Rule[], ask: (rule: Rule) => readonly T[]): readonly T[] =>
    some.flatMap((rule) => {
      try {
        return ask(rule);
      } catch (error) {
        onBroken(rule, error);
        return [];
      }
    });
  const excluded = ofEach(rules, (rule) => rule.excludes?.(input) ?? []);
  const evaluated = (yields: boolean) =>
    ofEach(
      rules.filter((rule) => (rule.yields === true) === yields),
      (rule) => rule.evaluate(input),
    );
  const told = merged(evaluated(false));
  const named = merged([...told, ...evaluated(true).filter((one) => isNews(one, told, input))]);
  const settled = new Set(named.flatMap(({ certainty, service }) => (certainty === 'certain' ? [service] : [])));
  return named
    .filter(({ certainty, service }) => certainty !== 'possible' || !settled.has(service))
    .map((diagnosis) => withExclusions(diagnosis, named, excluded))
    .toSorted((a, b) => rank[a.certainty] - rank[b.certainty] || b.explains.length - a.explains.length);
}

/**
 * What the experiment shows of a mechanism counts where nothing that looked at the hosts themselves is believed: it backs
 * the same cause, and speaks where there is none, on the host or on a director for all of the service.
 */
function isNews(one: Diagnosis, told: readonly Diagnosis[], { cluster: { realServers } }: DiagnosisInput): boolean {
  const about = told.filter(({ service }) => service === undefined || service === one.service);
  if (about.some(({ cause, host }) => cause === one.cause && host === one.host)) return true;
  const isServer = (host: string | undefined) => realServers.some(({ name }) => name === host);
  return !about.some(
    ({ host, certainty }) => certainty !== 'possible' && (host === one.host || !isServer(host) || !isServer(one.host)),
  );
}

/** Of those about the same cause, the first has the word, and the surest the certainty. */
function merged(diagnoses: readonly Diagnosis[]): readonly Diagnosis[] {
  const byCause = new Map<string, Diagnosis>();
  for (const diagnosis of diagnoses) {
    const key = JSON.stringify([diagnosis.cause, diagnosis.host, diagnosis.service]);
    const first = byCause.get(key);
    byCause.set(key, first === undefined ? diagnosis : together(first, diagnosis));
  }
  return [...byCause.values()];
}

function together(one: Diagnosis, other: Diagnosis): Diagnosis {
  const remedy = one.remedy ?? other.remedy;
  const told = new Set(one.evidence.map(evidenceKey));
  return {
    ...one,
    certainty: rank[one.certainty] <= rank[other.certainty] ? one.certainty : other.certainty,
    because: [...new Set([...one.because, ...other.because])],
    evidence: [...one.evidence, ...other.evidence.filter((evidence) => !told.has(evidenceKey(evidence)))],
    ...(remedy === undefined ? {} : { remedy }),
    explains: [...new Set([...one.explains, ...other.explains])],
  };
}

const evidenceKey = ({ host, command, output }: Evidence): string => JSON.stringify([host, command, output]);

/** Those as to the same service that are not named, on this host or another, and not told already. */
function withExclusions(diagnosis: Diagnosis, named: readonly Diagnosis[], excluded: readonly Exclusion[]): Diagnosis {
  const told = new Set([...diagnosis.ruledOut, ...named].map(({ cause }) => cause));
  const ruledOut = [...diagnosis.ruledOut];
  for (const { service, cause, because } of excluded) {
    if (service !== diagnosis.service || told.has(cause)) continue;
    told.add(cause);
    ruledOut.push({ cause, because });
  }
  return { ...diagnosis, ruledOut };
}

/** Failed traffic verdicts that no diagnosis accounts for: something is wrong and its cause was not found. */
export function unexplained(input: DiagnosisInput, diagnoses: readonly Diagnosis[]): readonly string[] {
  const explained = new Set(diagnoses.flatMap(({ explains }) => explains));
  return input.verdicts
    .filter(({ stage, outcome }) => stage === 'traffic' && outcome === 'fail')
    .map(keyOf)
    .filter((key) => !explained.has(key));
}

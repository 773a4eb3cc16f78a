/**
 * What a check found before the load, as the cause of what went wrong under it: the finding names its fault, and traffic
 * shows what that fault looks like (`signatures.ts`), belies it, or leaves it open. Without load, or where all went well
 * under it, a finding is a verdict and no cause.
 */
import type { RealServer, VirtualService } from '../../model/cluster.ts';
import type { Certainty, Diagnosis } from '../../model/diagnosis.ts';
import { type FaultId, faultIds } from '../../model/fault-id.ts';
import type { Verdict } from '../../model/verdict.ts';
import { explainedUnderLoad, failedUnderLoad } from '../explained.ts';
import { cameFirst, masterless } from '../following.ts';
import { certaintyOf, contradiction, type Showing, symptomWords, traceWords } from '../fit.ts';
import { type DiagnosisInput, isStandby, keyOf, type ServiceObservation } from '../input.ts';
import type { Exclusion, Rule } from '../rule.ts';
import { seenOfServer, seenOfService, symptomsOf } from '../seen.ts';
import { type Signature, signatures, signaturesAtServers } from '../signatures.ts';

export const finding: Rule = {
  causes: faultIds.filter((fault) => typeof signatures[fault] === 'object'),
  evaluate: (input) => opinions(input).flatMap(({ named }) => named ?? []),
  excludes: (input) => opinions(input).flatMap(({ excluded }) => excluded),
};

/** A finding about one host, as to one service. */
interface Candidate {
  readonly verdict: Verdict;
  readonly host: string;
  readonly service: VirtualService;
  readonly realServer?: RealServer;
  /** Each that makes traffic of the service fail, the likeliest first. */
  readonly faults: readonly { readonly fault: FaultId; readonly signature: Signature }[];
}

interface Opinion {
  readonly named?: Diagnosis;
  readonly excluded: readonly Exclusion[];
}

function opinions(input: DiagnosisInput): readonly Opinion[] {
  return input.cluster.virtualServices
    .filter((service) => isTroubled(input, service))
    .flatMap((service) => {
      const candidates = input.verdicts.flatMap((verdict) => candidatesOf(input, service, verdict));
      const blamed = new Set(candidates.flatMap(({ realServer }) => realServer?.name ?? []));
      const plain = candidates.filter(({ faults }) => faults.length === 1);
      const told = plain.map((candidate) => opinionOn(input, candidate, blamed, []));
      const known = told.flatMap(({ named }) => named ?? []);
      const vague = candidates.filter(({ faults }) => faults.length > 1);
      return [...told, ...vague.map((candidate) => opinionOn(input, candidate, blamed, known))];
    });
}

function isTroubled(input: DiagnosisInput, { name }: VirtualService): boolean {
  const load = input.observation(name)?.load;
  if (load === undefined || load.sent === 0) return false;
  return load.failed > 0 || failedUnderLoad(input, name).length > 0 || isConsoled(input, name);
}

/** Whether a sorry server answers alone: nothing fails, and nothing that clients came for is there. */
function isConsoled({ verdicts }: DiagnosisInput, service: string): boolean {
  return verdicts.some(
    ({ outcome, subject, faults = [] }) =>
      outcome === 'fail' && subject.service === service && faults.includes('sorry-server-active'),
  );
}

function candidatesOf(input: DiagnosisInput, service: VirtualService, verdict: Verdict): readonly Candidate[] {
  const { stage, outcome, subject, faults = [] } = verdict;
  if (stage === 'traffic' || (outcome !== 'fail' && outcome !== 'warn')) return [];
  if (subject.service !== undefined && subject.service !== service.name) return [];
  const known = faultIds
    .filter((fault) => faults.includes(fault))
    .toSorted((a, b) => faults.indexOf(a) - faults.indexOf(b));
  const hosts = verdict.culprits ?? (subject.host === undefined ? [] : [subject.host]);
  return hosts.flatMap((host) => {
    const realServer = service.destinations.find(({ realServer: { name } }) => name === host)?.realServer;
    const usable = known.flatMap((fault) => {
      const signature = signatureOf(fault, service, realServer !== undefined);
      return signature === undefined || !concerns(input, service, signature, host, realServer)
        ? []
        : [{ fault, signature }];
    });
    if (usable.length === 0) return [];
    return [{ verdict, host, service, faults: usable, ...(realServer === undefined ? {} : { realServer }) }];
  });
}

/** Of a fault of real servers that was found on another host without saying which of them: some connections of the service. */
function signatureOf(fault: FaultId, { forwarding }: VirtualService, located: boolean): Signature | undefined {
  const known = (located ? signaturesAtServers[fault] : undefined) ?? signatures[fault];
  const signature = known === undefined || known === 'latent' ? undefined : known[forwarding];
  return signature?.scope === 'real-server' && !located ? { ...signature, partly: true } : signature;
}

/** Whether packets of this load go by the host at all: another client, a real server of another service and a neighbour do not. */
function concerns(
  input: DiagnosisInput,
  service: VirtualService,
  { scope }: Signature,
  host: string,
  realServer: RealServer | undefined,
): boolean {
  const { clients, realServers } = input.cluster;
  const load = input.observation(service.name)?.load;
  if (clients.some(({ name }) => name === host)) return load?.client === host;
  if (realServer !== undefined) return scope === 'real-server' || scope === 'director';
  return !realServers.some(({ name }) => name === host);
}

function opinionOn(
  input: DiagnosisInput,
  candidate: Candidate,
  blamed: ReadonlySet<string>,
  known: readonly Diagnosis[],
): Opinion {
  const { verdict, host, service, realServer } = candidate;
  const observed = input.observation(service.name);
  const whole = seenOfService(input, service);
  const subject = realServer === undefined ? whole : seenOfServer(input, service, realServer);
  if (observed?.load === undefined || whole === undefined || subject === undefined) return { excluded: [] };
  const others = service.destinations.flatMap((other) =>
    realServer === undefined || other.realServer.name === host || blamed.has(other.realServer.name)
      ? []
      : (seenOfServer(input, service, other.realServer) ?? []),
  );
  const { sent, failed, connections } = observed.load;
  const showing: Showing = {
    subject,
    service: whole,
    symptoms: symptomsOf(input, service),
    requests: { sent, failed, connections },
    others,
  };
  const standby = input.cluster.directors.some(({ name }) => name === host) && isStandby(input, service.name, host);
  const judged = candidate.faults.map(({ fault, signature }) => ({
    fault,
    signature,
    against:
      standby && !masterless.includes(fault)
        ? `another director carried ${service.name}, not ${host}`
        : (denial(input, candidate, fault, observed) ?? contradiction(signature, showing)),
  }));
  const excluded = judged.flatMap(({ fault, against }) =>
    against === undefined ? [] : [{ service: service.name, cause: fault, because: against }],
  );
  const open = judged.filter(({ against }) => against === undefined);
  const alike = known.filter((other) => other.host === host && other.service === service.name);
  const sure = verdict.outcome === 'fail' && open.length === 1;
  const rated = open.map((each) => {
    const proven = !isCounted(each.fault) || untracked(observed, host) !== undefined;
    return { ...each, certainty: proven ? certaintyOf(each.signature, showing, sure) : ('possible' as const) };
  });
  // What a plainer finding named on that host is what this one shows as well.
  const backed = rated.find(({ fault }) => alike.some(({ cause }) => cause === fault));
  if (backed === undefined && alike.some(({ certainty }) => certainty !== 'possible')) return { excluded };
  const best = backed ?? rated.find(({ certainty }) => certainty !== 'possible') ?? rated[0];
  if (best === undefined) return { excluded };
  const alternatives = open
    .filter(({ fault }) => fault !== best.fault && backed === undefined)
    .map(({ fault }) => fault);
  return {
    excluded,
    named: diagnosisOf(input, candidate, best.fault, best.certainty, alternatives, showing, observed),
  };
}

/** A table that is nearly full drops nothing: that packets found no room is for a counter to say. */
function isCounted(fault: FaultId): boolean {
  return fault === 'director-conntrack-full' || fault === 'rs-conntrack-full';
}

/** Packets the host could not track while load or experiment went on; undefined where it was not asked, or does not count them. */
function untracked({ ends = [], probing }: ServiceObservation, host: string): number | undefined {
  const counted = [...ends, ...(probing?.ends ?? [])]
    .filter((end) => end.host === host)
    .flatMap(({ counts }) => counts?.conntrackDrops ?? []);
  return counted.length === 0 ? undefined : counted.reduce((sum, drops) => sum + drops, 0);
}

/** What was found before the load and cannot be reconciled with the fault, in a sentence. */
function denial(
  input: DiagnosisInput,
  { verdict, host, service, faults }: Candidate,
  fault: FaultId,
  observed: ServiceObservation,
): string | undefined {
  // Over a way of its own: what the host says of its own interface knows better.
  if (fault === 'rs-host-down' && verdict.subject.host !== host && input.fact(host, 'os').known)
    return `${host} answered over SSH`;
  if (isCounted(fault) && untracked(observed, host) === 0)
    return `${host} dropped no packet for want of room to track it`;
  const first = cameFirst(input.verdicts, fault, host);
  if (first !== undefined) return first;
  if (fault === 'weight-misbalance' && sharesAreRight(input, service)) return `the shares of ${service.name} are right`;
  // A finding of this fault alone knows better than a check that looks elsewhere.
  if (faults.length === 1) return undefined;
  const passed = input.verdicts.find(
    ({ check, outcome, stage, subject }) =>
      outcome === 'pass' &&
      stage !== 'traffic' &&
      subject.host === host &&
      check !== verdict.check &&
      input.sees(check).includes(fault),
  );
  return passed === undefined ? undefined : `${keyOf(passed)} found nothing of it`;
}

function sharesAreRight({ verdicts }: DiagnosisInput, { name }: VirtualService): boolean {
  return verdicts.some(
    ({ check, outcome, subject }) => check === 'traffic/distribution' && outcome === 'pass' && subject.service === name,
  );
}

function diagnosisOf(
  input: DiagnosisInput,
  { verdict, host, service }: Candidate,
  cause: FaultId,
  certainty: Certainty,
  alternatives: readonly FaultId[],
  showing: Showing,
  observed: ServiceObservation,
): Diagnosis {
  const reason = verdict.reason ?? verdict.title;
  return {
    cause,
    summary: reason,
    host,
    service: service.name,
    certainty,
    because: [
      `${keyOf(verdict)} found it: ${reason}`,
      ...signsOf(service, showing),
      ...(alternatives.length === 0 ? [] : [`the finding may as well be ${alternatives.join(' or ')}`]),
    ],
    evidence: [
      ...verdict.evidence,
      ...[observed.samplingEvidence, observed.entriesEvidence, observed.loadEvidence].filter(
        (one) => one !== undefined,
      ),
    ],
    ...(verdict.remedy === undefined ? {} : { remedy: verdict.remedy }),
    ruledOut: [],
    explains: [keyOf(verdict), ...(certainty === 'possible' ? [] : explainedUnderLoad(input, service.name))],
  };
}

/** What traffic showed, a sentence each. With DR and TUN that nothing came back says nothing: answers pass the director by. */
function signsOf({ forwarding }: VirtualService, showing: Showing): readonly string[] {
  const { subject, requests, symptoms, others } = showing;
  const { what, connections, answers, inPackets, outPackets, traces } = subject;
  const answering = others.filter((other) => (other.answers ?? 0) > 0).map((other) => other.what);
  const back = forwarding === 'nat' || (outPackets ?? 0) > 0 ? ` and ${figure(outPackets)} back` : '';
  return [
    ...(requests.failed === 0
      ? []
      : [
          `${requests.failed} of ${requests.sent} requests failed${symptoms.length === 0 ? '' : `: ${symptoms.map((symptom) => symptomWords[symptom]).join(', ')}`}`,
        ]),
    ...(connections === undefined || traces.length === 0
      ? []
      : [
          connections === 0
            ? `the director scheduled no connection of ${what}`
            : `${connections} connections of ${what} were ${traces.map((trace) => traceWords[trace]).join(' or ')}, with ${figure(inPackets)} packets each from the client${back}`,
        ]),
    ...(answers === 0
      ? [`${what} answered none${answering.length === 0 ? '' : `, while ${answering.join(' and ')} did`}`]
      : []),
  ];
}

function figure(packets: number | undefined): string {
  return packets === undefined ? '?' : String(Math.round(packets * 10) / 10);
}

import { expect } from 'chai';

import { diagnose, unexplained } from '../../../lib/diagnosis/diagnose.ts';
import type { DiagnosisInput, ServiceObservation } from '../../../lib/diagnosis/input.ts';
import type { HostFacts, Missing } from '../../../lib/model/facts.ts';
import { type Fact, known, missing } from '../../../lib/model/facts.ts';
import type { DirectorReach } from '../../../lib/model/ends.ts';
import type { LoadResult } from '../../../lib/model/load-result.ts';
import type { Sampling } from '../../../lib/model/sampling.ts';
import type { Outcome, Verdict } from '../../../lib/model/verdict.ts';
import { aCluster, aClusterWith, aLoad, aSample, aSampling, cip, hostNamed } from '../../builders.ts';
import { anAddress, aRoute, type FactChanges, factsOf } from '../../host-facts.ts';

const cluster = aCluster();

interface Scene {
  readonly verdicts?: readonly Verdict[];
  /** Changes of the healthy facts, by host. */
  readonly facts?: Readonly<Record<string, FactChanges>>;
  readonly observation?: ServiceObservation;
}

function input({ verdicts = [], facts = {}, observation }: Scene): DiagnosisInput {
  return {
    cluster,
    verdicts,
    sees: () => [],
    fact: <N extends keyof HostFacts>(host: string, name: N): Fact<HostFacts[N]> => {
      const changed: HostFacts[N] | Missing | undefined = facts[host]?.[name];
      if (changed === undefined)
        return known(factsOf(cluster, hostNamed(cluster, host))[name], { host, command: name, output: '' });
      return isMissing(changed) ? changed : known(changed, { host, command: name, output: '' });
    },
    observation: () => observation,
  };
}

const isMissing = (value: unknown): value is Missing =>
  typeof value === 'object' && value !== null && 'known' in value && value.known === false;

const verdict = (check: string, host: string, outcome: Outcome, stage: Verdict['stage'] = 'pre'): Verdict => ({
  check,
  title: check,
  severity: 'mandatory',
  stage,
  subject: stage === 'traffic' ? { host, service: 'web' } : { host },
  outcome,
  reason: outcome,
  evidence: [],
  durationMs: 1,
});

const reaches = (change: Partial<DirectorReach> = {}): DirectorReach[] =>
  [1, 2, 3].map((number) => ({
    destination: `10.10.10.${number * 10}:80`,
    realServer: `rs${number}`,
    outcome: 'answered',
    detail: 'HTTP 200',
    ...(number === 2 ? change : {}),
  }));

/** rs2 gets its third of the connections and none of them is answered; `state` is how its entries show. */
function rs2Silent(
  state: 'SYN_RECV' | 'CLOSE',
  change: { load?: Partial<LoadResult>; sampling?: Partial<Sampling>; reach?: Partial<DirectorReach> } = {},
): ServiceObservation {
  const sampling = aSampling();
  return {
    load: aLoad({ sent: 150, answered: 100, failed: 50, answersByRealServer: { rs1: 50, rs3: 50 }, ...change.load }),
    sampling: {
      ...sampling,
      samples: [
        aSample(
          4000,
          ['10.10.10.10:80', 'TIME_WAIT', 50],
          ['10.10.10.20:80', state, 50, state === 'SYN_RECV' ? 50 : 0],
        ),
      ],
      counters: sampling.counters.map((counter) =>
        counter.destination === '10.10.10.20:80' ? { ...counter, outPackets: state === 'CLOSE' ? 50 : 0 } : counter,
      ),
      ...change.sampling,
    },
    reach: reaches(change.reach),
  };
}

const trafficFailures = ['traffic/requests', 'traffic/handshakes'].map((check) =>
  verdict(check, 'director1', 'fail', 'traffic'),
);

describe('diagnosis', () => {
  describe('of a director without IPVS', () => {
    const rules = { ...verdict('virtual-service/rules', 'director1', 'fail'), reason: 'no virtual service' };
    const causes = (...verdicts: readonly Verdict[]) =>
      diagnose(input({ verdicts })).map(({ cause, host, certainty }) => [cause, host, certainty]);

    it('names the module, or else the scheduler, that cannot be loaded', () => {
      const module = verdict('director/ip-vs-module', 'director1', 'fail');
      const scheduler = verdict('director/scheduler', 'director1', 'fail');
      expect(causes(rules, module, scheduler)).to.deep.equal([['ip-vs-module-missing', 'director1', 'likely']]);
      expect(causes(rules, scheduler)).to.deep.equal([['scheduler-module-missing', 'director1', 'likely']]);
      const [diagnosis] = diagnose(input({ verdicts: [rules, scheduler] }));
      expect(diagnosis?.explains).to.deep.equal(['virtual-service/rules@director1', 'director/scheduler@director1']);
    });

    it('names neither where the rules are there, or could not be looked at, nor once there was load', () => {
      const module = verdict('director/ip-vs-module', 'director1', 'fail');
      expect(causes(module)).to.deep.equal([]);
      expect(causes(module, { ...rules, outcome: 'pass' })).to.deep.equal([]);
      expect(diagnose(input({ verdicts: [rules, module], observation: rs2Silent('CLOSE') }))).to.deep.equal([]);
    });
  });

  it('says nothing about a healthy cluster', () => {
    const healthy = input({
      verdicts: [verdict('real-server/reply-route', 'rs2', 'pass')],
      observation: { load: aLoad(), sampling: aSampling(), reach: [] },
    });
    expect(diagnose(healthy)).to.deep.equal([]);
  });

  describe('nat-rs-gateway-not-director', () => {
    const wrongGateway = { rs2: { routes: [aRoute(cip, { gateway: '10.10.10.2' })] } };
    const failed = verdict('real-server/reply-route', 'rs2', 'fail');

    it('is certain when the route says so and the traffic agrees, and names rs2 alone', () => {
      const found = diagnose(
        input({ verdicts: [failed, ...trafficFailures], facts: wrongGateway, observation: rs2Silent('SYN_RECV') }),
      );
      expect(found).to.have.length(1);
      expect(found[0]).to.include({
        cause: 'nat-rs-gateway-not-director',
        host: 'rs2',
        service: 'web',
        certainty: 'certain',
      });
      expect(found[0]?.summary).to.include('10.10.10.2').and.include('10.10.10.1');
      expect(found[0]?.ruledOut.map(({ cause }) => cause)).to.include.members([
        'rs-service-down',
        'director-ip-forward-off',
      ]);
      expect(found[0]?.explains).to.deep.equal([
        'real-server/reply-route@rs2',
        'traffic/requests@director1/web',
        'traffic/handshakes@director1/web',
      ]);
      expect(found[0]?.remedy?.commands.join()).to.include('10.10.10.1');
    });

    it('is likely when only the route was looked at', () => {
      const [found] = diagnose(input({ verdicts: [failed], facts: wrongGateway }));
      expect(found).to.include({ cause: 'nat-rs-gateway-not-director', host: 'rs2', certainty: 'likely' });
    });

    it('is dropped when the real server answered clients all the same', () => {
      const answered = rs2Silent('SYN_RECV', { load: { answersByRealServer: { rs1: 50, rs2: 50, rs3: 50 } } });
      expect(diagnose(input({ verdicts: [failed], facts: wrongGateway, observation: answered }))).to.deep.equal([]);
    });

    it('is dropped when packets came back although answers name nobody we know', () => {
      const sampling = aSampling();
      const unnamed = rs2Silent('SYN_RECV', {
        load: { answersByRealServer: { web1: 50, web2: 50, web3: 50 } },
        sampling: { counters: sampling.counters },
      });
      expect(diagnose(input({ verdicts: [failed], facts: wrongGateway, observation: unnamed }))).to.deep.equal([]);
    });

    it('is likely from the traffic alone when the real server cannot be asked', () => {
      const absent = {
        rs2: { routes: missing('unreachable', 'no ssh to rs2'), listeners: missing('unreachable', 'no ssh to rs2') },
      };
      const verdicts = [verdict('real-server/reply-route', 'rs2', 'error'), ...trafficFailures];
      const found = diagnose(input({ verdicts, facts: absent, observation: rs2Silent('SYN_RECV') }));
      expect(found).to.have.length(1);
      expect(found[0]).to.include({ cause: 'nat-rs-gateway-not-director', host: 'rs2', certainty: 'likely' });
    });

    it('is not guessed from SYN_RECV when the director does not reach the real server either', () => {
      const absent = { rs2: { routes: missing('unreachable', 'no'), listeners: missing('unreachable', 'no') } };
      const verdicts = [verdict('real-server/reply-route', 'rs2', 'error'), ...trafficFailures];
      const silent = rs2Silent('SYN_RECV', { reach: { outcome: 'timeout', detail: 'timeout' } });
      expect(diagnose(input({ verdicts, facts: absent, observation: silent }))).to.deep.equal([]);
    });

    it('is not guessed when every real server is silent at once', () => {
      const absent = { rs2: { routes: missing('unreachable', 'no'), listeners: missing('unreachable', 'no') } };
      const silent = rs2Silent('SYN_RECV', { load: { answered: 0, answersByRealServer: {} } });
      expect(
        diagnose(
          input({ verdicts: [verdict('real-server/reply-route', 'rs2', 'error')], facts: absent, observation: silent }),
        ),
      ).to.deep.equal([]);
    });

    it('is another cause when there is no route, or the client is on link', () => {
      const cause = (route: ReturnType<typeof aRoute>) =>
        diagnose(input({ verdicts: [failed], facts: { rs2: { routes: [route] } } })).map(
          (diagnosis) => diagnosis.cause,
        );
      expect(cause(aRoute(cip, { outcome: 'no-route' }))).to.deep.equal(['rs-no-default-route']);
      expect(cause(aRoute(cip))).to.deep.equal(['nat-client-same-subnet']);
    });
  });

  describe('vip-absent-on-director', () => {
    const facts = { director1: { addresses: [anAddress('eth0', '192.168.122.10')] } };
    const verdicts = [verdict('director/vip', 'director1', 'fail'), ...trafficFailures];
    const unanswered: ServiceObservation = {
      load: aLoad({ sent: 99, answered: 0, failed: 99, answersByRealServer: {} }),
      sampling: aSampling({ counters: aSampling().counters.map((counter) => ({ ...counter, connections: 0 })) }),
      reach: reaches(),
    };
    const names = (scene: Scene) =>
      diagnose(input(scene)).map(({ cause, host, certainty }) => [cause, host, certainty]);

    it('is certain when nothing was answered and nothing scheduled, and blames no real server', () => {
      expect(names({ facts, verdicts, observation: unanswered })).to.deep.equal([
        ['vip-absent-on-director', 'director1', 'certain'],
      ]);
    });

    it('is likely when only the addresses were looked at', () => {
      expect(names({ facts, verdicts })).to.deep.equal([['vip-absent-on-director', 'director1', 'likely']]);
    });

    it('is no cause where another director carried the service, nor by a verdict about another one', () => {
      const { sampling } = unanswered;
      if (sampling === undefined) throw new RangeError('it was sampled');
      const elsewhere = { ...unanswered, sampling: { ...sampling, host: 'director2' } };
      expect(names({ facts, verdicts, observation: elsewhere })).to.deep.equal([]);
      const mail: Verdict = {
        ...verdict('director/vip', 'director1', 'fail'),
        subject: { host: 'director1', service: 'mail' },
      };
      expect(names({ facts, verdicts: [mail, ...trafficFailures], observation: unanswered })).to.deep.equal([]);
    });

    it('gives way to what took it from the director that keepalived has as master', () => {
      const taken: Verdict = {
        ...verdict('ha/vip-holder', 'director1', 'fail'),
        subject: { host: 'director1' },
        faults: ['vip-removed-by-network-manager'],
        culprits: ['director1'],
      };
      const told = [{ ...verdict('director/vip', 'director1', 'fail'), faults: ['vip-absent-on-director'] }, taken];
      const observation = {
        ...unanswered,
        load: aLoad({ ...unanswered.load, errors: { rate: 1, byKind: { unreachable: 99 }, examples: [] } }),
      };
      expect(names({ facts, verdicts: [...told, ...trafficFailures], observation })).to.deep.equal([
        ['vip-removed-by-network-manager', 'director1', 'certain'],
      ]);
    });

    it('is dropped when requests were answered, or the VIP is there on the wrong interface', () => {
      expect(names({ facts, verdicts, observation: { ...unanswered, load: aLoad() } })).to.deep.equal([]);
      expect(names({ verdicts })).to.deep.equal([]);
    });
  });

  it('names a real server without a listener, certain when the director is refused', () => {
    const facts = { rs2: { listeners: [{ address: '*', port: 22, queued: 0, backlog: 128 }] } };
    const observation = rs2Silent('CLOSE', { reach: { outcome: 'refused', detail: 'refused' } });
    const verdicts = [verdict('real-server/reply-route', 'rs2', 'pass'), ...trafficFailures];
    const found = diagnose(input({ verdicts, facts, observation }));
    expect(found.map(({ cause, host, certainty }) => ({ cause, host, certainty }))).to.deep.equal([
      { cause: 'rs-service-down', host: 'rs2', certainty: 'certain' },
    ]);
  });

  it('says nothing of sockets of a service that is not TCP: only those are listed', () => {
    const facts = { rs2: { listeners: [] } };
    const udp = { ...input({ verdicts: trafficFailures, facts }), cluster: aClusterWith({ protocol: 'udp' }) };
    expect(diagnose(udp)).to.deep.equal([]);
  });

  it('names a director that does not forward when every real server is silent, and blames no real server', () => {
    const sampling = aSampling();
    const observation: ServiceObservation = {
      load: aLoad({ answered: 0, failed: 50, answersByRealServer: {} }),
      sampling: {
        ...sampling,
        samples: [
          aSample(4000, ...sampling.counters.map(({ destination }) => [destination, 'SYN_RECV', 20, 20] as const)),
        ],
        counters: sampling.counters.map((counter) => ({ ...counter, outPackets: 0 })),
      },
      reach: reaches(),
    };
    const verdicts = [
      verdict('director/ip-forward', 'director1', 'fail'),
      ...['rs1', 'rs2', 'rs3'].map((host) => verdict('real-server/reply-route', host, 'pass')),
      ...trafficFailures,
    ];
    const found = diagnose(input({ verdicts, observation }));
    expect(found.map(({ cause, host, certainty }) => ({ cause, host, certainty }))).to.deep.equal([
      { cause: 'director-ip-forward-off', host: 'director1', certainty: 'certain' },
    ]);
  });

  it('lists failed traffic verdicts that nothing explains', () => {
    const scene = input({ verdicts: trafficFailures, observation: rs2Silent('SYN_RECV') });
    const verdicts = [...trafficFailures, verdict('real-server/reply-route', 'rs2', 'pass')];
    const found = diagnose(input({ verdicts, observation: rs2Silent('SYN_RECV') }));
    expect(found).to.deep.equal([]);
    expect(unexplained(scene, found)).to.deep.equal([
      'traffic/requests@director1/web',
      'traffic/handshakes@director1/web',
    ]);
  });
});

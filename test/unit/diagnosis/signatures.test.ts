import { expect } from 'chai';
import fc from 'fast-check';

import { diagnose, unexplained } from '../../../lib/diagnosis/diagnose.ts';
import { signatures } from '../../../lib/diagnosis/signatures.ts';
import type { ForwardingMethod } from '../../../lib/model/cluster.ts';
import type { Certainty } from '../../../lib/model/diagnosis.ts';
import { type FaultId, faultIds } from '../../../lib/model/fault-id.ts';
import type { ConnectionErrorKind } from '../../../lib/model/load-result.ts';
import type { DiagnosisInput } from '../../../lib/diagnosis/input.ts';
import { missing } from '../../../lib/model/facts.ts';
import { clusterOf, found, inputOf, observationOf, type Showing, underLoad } from './scene.ts';

type Client = 'TIMEOUT' | 'REFUSED' | 'UNREACH' | 'HANG';
const kinds: Readonly<Record<Client, ConnectionErrorKind>> = {
  TIMEOUT: 'connect-timeout',
  REFUSED: 'refused',
  UNREACH: 'unreachable',
  HANG: 'response-timeout',
};

type Row = readonly [
  method: ForwardingMethod,
  fault: FaultId,
  whose: 'rs2' | 'all',
  client: Client,
  state: string,
  inPackets: number,
  outPackets: number,
  certainty?: Certainty,
];

/** The measured signature matrix of the fault catalogue: one failing connection, whose client gives up after 4 s. */
const matrix: readonly Row[] = [
  ['dr', 'rs-service-down', 'rs2', 'REFUSED', 'SYN_RECV', 1, 0],
  ['dr', 'rs-service-not-on-vip', 'rs2', 'REFUSED', 'SYN_RECV', 1, 0],
  ['dr', 'rs-firewall-reject', 'rs2', 'REFUSED', 'SYN_RECV', 1, 0],
  ['dr', 'rs-firewall-reject', 'rs2', 'UNREACH', 'SYN_RECV', 1, 0],
  ['dr', 'rs-firewall-drop', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'rs-vip-missing', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'rs-vip-missing', 'rs2', 'UNREACH', 'SYN_RECV', 32, 1],
  ['dr', 'dr-rip-not-on-link', 'rs2', 'UNREACH', 'SYN_RECV', 32, 1],
  ['dr', 'rs-host-down', 'rs2', 'UNREACH', 'SYN_RECV', 3, 2.5],
  ['dr', 'director-neigh-stale', 'rs2', 'TIMEOUT', 'SYN_RECV', 2.5, 0],
  ['dr', 'director-no-route-to-rs', 'rs2', 'UNREACH', 'SYN_RECV', 1, 1],
  ['dr', 'dr-rs-gateway-is-director', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'rs-no-default-route', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'rs-rp-filter-multihomed', 'rs2', 'TIMEOUT', 'SYN_RECV', 2.5, 0],
  ['dr', 'rs-egress-drop', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'director-output-drop', 'all', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['dr', 'director-input-drop', 'all', 'TIMEOUT', 'none', 0, 0],
  ['dr', 'director-stateful-input-dr', 'all', 'HANG', 'SYN_RECV', 1, 0],
  ['dr', 'vip-absent-on-director', 'all', 'UNREACH', 'none', 0, 0],
  ['dr', 'no-real-servers', 'all', 'REFUSED', 'none', 0, 0],
  ['dr', 'weight-zero', 'all', 'REFUSED', 'none', 0, 0],
  ['dr', 'service-rule-missing', 'all', 'REFUSED', 'none', 0, 0],
  ['dr', 'fwmark-not-set', 'all', 'REFUSED', 'none', 0, 0],
  ['dr', 'client-is-director', 'all', 'TIMEOUT', 'SYN_RECV', 1, 1],
  ['dr', 'pmtu-icmp-dropped-at-director', 'rs2', 'HANG', 'ESTABLISHED', 4, 0, 'likely'],
  ['tun', 'tun-interface-down', 'rs2', 'REFUSED', 'SYN_RECV', 1, 2],
  ['tun', 'tun-ipip-module-missing', 'rs2', 'UNREACH', 'SYN_RECV', 1, 2],
  ['tun', 'tun-proto4-filtered', 'rs2', 'UNREACH', 'SYN_RECV', 1, 2],
  ['tun', 'tun-proto4-filtered', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['tun', 'tun-vip-missing', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['tun', 'tun-rp-filter', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['tun', 'rs-host-down', 'rs2', 'UNREACH', 'SYN_RECV', 3, 4],
  ['tun', 'tun-mtu-blackhole', 'rs2', 'HANG', 'ESTABLISHED', 14, 10, 'likely'],
  ['nat', 'rs-service-down', 'rs2', 'REFUSED', 'CLOSE', 1, 1],
  ['nat', 'rs-firewall-reject', 'rs2', 'UNREACH', 'SYN_RECV', 1, 1],
  ['nat', 'rs-firewall-drop', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'rs-host-down', 'rs2', 'UNREACH', 'SYN_RECV', 3, 2],
  ['nat', 'director-ip-forward-off', 'all', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'nat-rs-gateway-not-director', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'rs-no-default-route', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'nat-client-same-subnet', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'nat-gateway-not-failed-over', 'rs2', 'TIMEOUT', 'SYN_RECV', 2, 0],
  ['nat', 'director-forward-drop', 'all', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'director-forward-invalid', 'all', 'TIMEOUT', 'SYN_RECV', 3, 0],
  ['nat', 'vs-conntrack-off-with-snat', 'all', 'TIMEOUT', 'SYN_RECV', 2.5, 0],
  ['nat', 'rs-accept-queue-overflow', 'rs2', 'TIMEOUT', 'SYN_RECV', 3, 0, 'likely'],
];

const servers = ['rs1', 'rs2', 'rs3'];
const showing = ([, , , client, state, inPackets, outPackets]: Row): Showing => ({
  kind: kinds[client],
  state,
  inPackets,
  outPackets,
});
const failing = (row: Row): Readonly<Record<string, Showing>> =>
  Object.fromEntries((row[2] === 'all' ? servers : ['rs2']).map((name) => [name, showing(row)]));
const hostOf = (fault: FaultId, whose: 'rs2' | 'all'): string =>
  fault.startsWith('client-') ? 'client1' : whose === 'all' || fault.startsWith('pmtu-') ? 'director1' : 'rs2';
const reached = (input: DiagnosisInput, isReached: boolean): DiagnosisInput =>
  isReached ? input : { ...input, fact: (host, name) => missing('unreachable', `${name} of ${host}`) };
const symptoms = [underLoad('traffic/requests'), underLoad('traffic/handshakes')];
const named = (input: Parameters<typeof diagnose>[0]) =>
  diagnose(input).map(({ cause, host, certainty }) => [cause, host, certainty]);

describe('diagnosis by signature', () => {
  describe('a finding, and the traffic that the matrix has for its fault', () => {
    for (const row of matrix) {
      const [method, fault, whose, client, state, , , certainty = 'certain'] = row;
      it(`${method}: ${fault} (${client}, ${state}) is ${certainty}`, () => {
        const cluster = clusterOf(method);
        const verdict = found(hostOf(fault, whose), [fault]);
        const input = reached(
          inputOf(cluster, [verdict, ...symptoms], observationOf(cluster, failing(row))),
          fault !== 'rs-host-down',
        );
        const [first, ...others] = diagnose(input);
        expect(others).to.deep.equal([]);
        expect(first).to.deep.include({ cause: fault, host: hostOf(fault, whose), service: 'web', certainty });
        expect(first?.summary).to.equal(verdict.reason);
        expect(first?.remedy).to.deep.equal(verdict.remedy);
        expect(first?.evidence).to.deep.include(verdict.evidence[0]);
        expect(first?.explains).to.deep.equal([
          `some/${fault}@${hostOf(fault, whose)}`,
          'traffic/requests@director1/web',
          'traffic/handshakes@director1/web',
        ]);
        expect(unexplained(input, diagnose(input))).to.deep.equal([]);
      });
    }
  });

  it('names a real server that serves every client by itself, past the director', () => {
    const cluster = clusterOf('dr');
    const none: Showing = { kind: 'other', state: 'none', inPackets: 0, outPackets: 0 };
    const observation = observationOf(
      cluster,
      { rs1: none, rs2: none, rs3: none },
      {
        load: {
          sent: 150,
          answered: 150,
          failed: 0,
          errors: { rate: 0, byKind: {}, examples: [] },
          answersByRealServer: { rs2: 150 },
        },
      },
    );
    const verdicts = [found('rs2', ['rs-arp-flux']), underLoad('traffic/reconciliation')];
    expect(named(inputOf(cluster, verdicts, observation))).to.deep.equal([['rs-arp-flux', 'rs2', 'certain']]);
  });

  it('believes in one that took clients from the director while the load went on, where more was answered than scheduled', () => {
    const cluster = clusterOf('dr');
    const verdicts = [
      found('rs2', ['rs-arp-flux']),
      underLoad('traffic/requests'),
      underLoad('traffic/reconciliation'),
    ];
    const of = (sent: number) =>
      observationOf(
        cluster,
        {},
        {
          load: {
            sent,
            connections: sent,
            answered: sent - 10,
            failed: 10,
            errors: { rate: 10 / sent, byKind: { reset: 10 }, examples: [] },
          },
        },
      );
    expect(named(inputOf(cluster, verdicts, of(450)))).to.deep.equal([['rs-arp-flux', 'rs2', 'likely']]);
    expect(named(inputOf(cluster, verdicts, of(155))), 'it scheduled all that were answered').to.deep.equal([
      ['rs-arp-flux', 'rs2', 'possible'],
    ]);
  });

  describe('no false alarm', () => {
    for (const row of matrix) {
      const [method, fault, whose] = row;
      it(`${method}: ${fault} is no cause where nothing went wrong, nor where rs1 alone failed otherwise`, () => {
        const cluster = clusterOf(method);
        const verdict = found(hostOf(fault, whose), [fault]);
        expect(named(inputOf(cluster, [verdict], undefined)), 'no load').to.deep.equal([]);
        expect(named(inputOf(cluster, [verdict], observationOf(cluster, {}))), 'all well').to.deep.equal([]);
        const elsewhere = observationOf(cluster, {
          rs1: { kind: 'bad-status', state: 'FIN_WAIT', inPackets: 5, outPackets: 5 },
        });
        expect(named(inputOf(cluster, [verdict, ...symptoms], elsewhere))).to.deep.equal([]);
      });
    }

    it('latent faults are never the cause of failing traffic', () => {
      const cluster = clusterOf('nat');
      const observation = observationOf(cluster, {
        rs2: { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 },
      });
      const latent = faultIds.filter((fault) => signatures[fault] === 'latent');
      expect(latent).to.not.have.length(0);
      for (const fault of latent)
        expect(named(inputOf(cluster, [found('rs2', [fault])], observation)), fault).to.deep.equal([]);
    });

    it('connections that go on in old entries do not speak for a service that takes no new ones', () => {
      const cluster = clusterOf('dr');
      const none: Showing = { kind: 'connect-timeout', state: 'none', inPackets: 0, outPackets: 0 };
      const servedOld = observationOf(
        cluster,
        { rs1: none, rs2: none, rs3: none },
        { load: { sent: 78, connections: 78, answered: 18, failed: 60, answersByRealServer: { rs1: 18 } } },
      );
      const diagnosed = (fault: FaultId) =>
        named(inputOf(cluster, [found('director1', [fault]), ...symptoms], servedOld));
      expect(diagnosed('weight-zero')).to.deep.equal([['weight-zero', 'director1', 'likely']]);
      expect(diagnosed('director-input-drop')).to.deep.equal([]);
    });

    it('connections that found no room beside those that were served are no sign against a fault that leaves no entry', () => {
      const cluster = clusterOf('nat');
      const served = (failed: number, kind: ConnectionErrorKind) =>
        observationOf(
          cluster,
          {},
          {
            load: {
              sent: 150 + failed,
              connections: 150 + failed,
              failed,
              errors: { rate: 0.5, byKind: { [kind]: failed }, examples: [] },
            },
          },
        );
      const diagnosed = (fault: FaultId, host: string, failed: number, kind: ConnectionErrorKind) =>
        named(inputOf(cluster, [found(host, [fault]), ...symptoms], served(failed, kind)));
      expect(diagnosed('overload-threshold', 'director1', 60, 'connect-timeout')).to.deep.equal([
        ['overload-threshold', 'director1', 'likely'],
      ]);
      expect(diagnosed('client-port-exhaustion', 'client1', 20, 'no-resource')).to.deep.equal([
        ['client-port-exhaustion', 'client1', 'likely'],
      ]);
      expect(diagnosed('overload-threshold', 'director1', 0, 'connect-timeout')).to.deep.equal([]);
    });

    it('what follows from another finding on the host is no second cause', () => {
      const cluster = clusterOf('dr');
      const silent: Showing = { kind: 'connect-timeout', state: 'none', inPackets: 0, outPackets: 0 };
      const observation = observationOf(
        cluster,
        { rs1: silent, rs2: silent, rs3: silent },
        {
          load: {
            answered: 20,
            failed: 130,
            errors: { rate: 0.8, byKind: { reset: 130 }, examples: [] },
            answersByRealServer: { rs2: 20 },
          },
        },
      );
      const flux = found('director1', ['rs-arp-flux'], { culprits: ['rs2'] });
      const drift = found('rs2', ['rs-arp-vs-other-tools'], { outcome: 'warn' });
      const causes = (...verdicts: readonly Parameters<typeof named>[0]['verdicts'][number][]) =>
        named(inputOf(cluster, [...verdicts, ...symptoms], observation)).map(([cause]) => cause);
      expect(causes(drift)).to.deep.equal(['rs-arp-vs-other-tools']);
      expect(causes(flux, drift)).to.deep.equal(['rs-arp-flux']);
      expect(causes(flux, drift, found('rs2', ['rs-arp-sysctl-wrong-scope']))).to.deep.equal([
        'rs-arp-sysctl-wrong-scope',
      ]);
      const divided = found('director1', ['vrrp-split-brain'], { culprits: ['director2'] });
      expect(causes(divided)).to.deep.equal(['vrrp-split-brain']);
      expect(causes(divided, found('director1', ['vrrp-vrid-mismatch'])), 'on either director').to.deep.equal([
        'vrrp-vrid-mismatch',
      ]);
      const gateway = found('director1', ['duplicate-ip'], { outcome: 'warn' });
      expect(causes(gateway, divided), 'both have the gateway as well').to.deep.equal(['vrrp-split-brain']);
    });

    it('a sorry server that answers alone is one, though nothing failed', () => {
      const cluster = clusterOf('nat');
      const sorry = found('director1', ['sorry-server-active'], { subject: { host: 'director1', service: 'web' } });
      const drift = found('director1', ['weight-zero'], { outcome: 'warn' });
      const observed = observationOf(cluster, {}, { load: { answersByRealServer: { sorry: 150 } } });
      expect(named(inputOf(cluster, [sorry, drift], observed)).map(([cause]) => cause)).to.deep.equal([
        'sorry-server-active',
      ]);
      expect(named(inputOf(cluster, [drift], observed))).to.deep.equal([]);
    });

    it('a wrong weight is no cause while the shares are right', () => {
      const cluster = clusterOf('nat');
      const lost = underLoad('traffic/reconciliation');
      const verdicts = [found('director1', ['weight-misbalance']), lost];
      const diagnosed = (shares: 'pass' | 'fail') =>
        named(inputOf(cluster, [...verdicts, underLoad('traffic/distribution', shares)], observationOf(cluster, {})));
      expect(diagnosed('pass')).to.deep.equal([]);
      expect(diagnosed('fail').map(([cause]) => cause)).to.deep.equal(['weight-misbalance']);
    });

    it('entries of earlier connections are no sign', () => {
      const cluster = clusterOf('nat');
      const none: Showing = { kind: 'refused', state: 'none', inPackets: 0, outPackets: 0 };
      const observed = observationOf(
        cluster,
        { rs1: none, rs2: none, rs3: none },
        { countersProblem: 'no such service' },
      );
      const { sampling } = observed;
      if (sampling === undefined) throw new RangeError('it was sampled');
      const counts = [{ destination: '10.10.10.10:80', state: 'TIME_WAIT', entries: 700, stuck: 0 }];
      const samples = [-100, 500, 4000].map((atMs) => ({ atMs, counts, entries: 700, costMs: 1 }));
      const verdicts = [found('director1', ['service-rule-missing']), ...symptoms];
      const diagnosed = (before: number) =>
        named(inputOf(cluster, verdicts, { ...observed, sampling: { ...sampling, samples: samples.slice(before) } }));
      expect(diagnosed(0)).to.deep.equal([['service-rule-missing', 'director1', 'certain']]);
      expect(diagnosed(1)).to.deep.equal([]);
    });

    it('nor what table, counters or load contradict', () => {
      const cluster = clusterOf('dr');
      const shows = (kind: ConnectionErrorKind, state: string): Showing => ({
        kind,
        state,
        inPackets: 3,
        outPackets: 0,
      });
      const all = (one: Showing) => Object.fromEntries(servers.map((name) => [name, one]));
      const drop = found('rs2', ['rs-firewall-drop']);
      const told = (verdict: typeof drop, fails: Readonly<Record<string, Showing>>) =>
        named(inputOf(cluster, [verdict, ...symptoms], observationOf(cluster, fails)));
      const established = { rs2: shows('connect-timeout', 'ESTABLISHED') };
      expect(told(drop, established), 'handshakes were completed').to.deep.equal([]);
      const unscheduled = { rs1: shows('connect-timeout', 'SYN_RECV'), rs2: shows('connect-timeout', 'none') };
      const full = found('rs2', ['rs-accept-queue-overflow']);
      for (const one of [drop, full]) expect(told(one, unscheduled), 'rs2 got no connection').to.deep.equal([]);
      const absent = found('director1', ['vip-absent-on-director']);
      expect(told(absent, all(shows('connect-timeout', 'SYN_RECV'))), 'the director scheduled them').to.deep.equal([]);
      const unnamed = { load: { answersByRealServer: { web1: 150 } } };
      for (const one of [drop, full]) {
        const uneven = inputOf(cluster, [one, underLoad('traffic/distribution')], observationOf(cluster, {}, unnamed));
        expect(named(uneven), 'every request was answered').to.deep.equal([]);
      }
    });

    it('is likely where the packets of a connection are not those of the fault', () => {
      const cluster = clusterOf('dr');
      const looping = { rs2: { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 32, outPackets: 1 } as const };
      const input = inputOf(cluster, [found('rs2', ['rs-firewall-drop'])], observationOf(cluster, looping));
      expect(named(input)).to.deep.equal([['rs-firewall-drop', 'rs2', 'likely']]);
    });

    it('ip_forward is no cause with DR', () => {
      const cluster = clusterOf('dr');
      const silent: Showing = { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 };
      const observation = observationOf(cluster, { rs1: silent, rs2: silent, rs3: silent });
      expect(named(inputOf(cluster, [found('director1', ['director-ip-forward-off'])], observation))).to.deep.equal([]);
    });
  });

  describe('several at once', () => {
    const silent: Showing = { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 };
    const refused: Showing = { kind: 'refused', state: 'SYN_RECV', inPackets: 1, outPackets: 0 };

    it('names a fault of each of two real servers', () => {
      for (const method of ['nat', 'dr', 'tun'] as const) {
        const cluster = clusterOf(method);
        const closed: Showing = method === 'nat' ? { ...refused, state: 'CLOSE', outPackets: 1 } : refused;
        const verdicts = [found('rs1', ['rs-firewall-drop']), found('rs2', ['rs-service-down']), ...symptoms];
        const input = inputOf(cluster, verdicts, observationOf(cluster, { rs1: silent, rs2: closed }));
        expect(named(input), method).to.deep.equal([
          ['rs-firewall-drop', 'rs1', 'certain'],
          ['rs-service-down', 'rs2', 'certain'],
        ]);
      }
    });

    it('names the same fault once for each host that has it', () => {
      const cluster = clusterOf('dr');
      const verdicts = [found('rs1', ['rs-vip-missing']), found('rs2', ['rs-vip-missing'])];
      const input = inputOf(cluster, verdicts, observationOf(cluster, { rs1: silent, rs2: silent }));
      expect(named(input)).to.deep.equal([
        ['rs-vip-missing', 'rs1', 'certain'],
        ['rs-vip-missing', 'rs2', 'certain'],
      ]);
    });

    it('is no more than likely where every real server fails: one fault of the director does that too', () => {
      const cluster = clusterOf('dr');
      const verdicts = [found('rs2', ['rs-firewall-drop']), found('director1', ['director-output-drop'])];
      const input = inputOf(cluster, verdicts, observationOf(cluster, { rs1: silent, rs2: silent, rs3: silent }));
      expect(named(input)).to.deep.equal([
        ['director-output-drop', 'director1', 'certain'],
        ['rs-firewall-drop', 'rs2', 'likely'],
      ]);
    });

    it('tells what it looked at and an observation contradicts', () => {
      const cluster = clusterOf('nat');
      const verdicts = [
        found('rs2', ['rs-firewall-drop']),
        found('rs1', ['rs-service-down']),
        found('director1', ['director-forward-drop']),
      ];
      const [first, ...others] = diagnose(inputOf(cluster, verdicts, observationOf(cluster, { rs2: silent })));
      expect(others).to.deep.equal([]);
      expect(first?.cause).to.equal('rs-firewall-drop');
      expect(first?.ruledOut).to.deep.equal([
        { cause: 'rs-service-down', because: 'rs1 (10.10.10.10:80) answered 50 requests' },
        { cause: 'director-forward-drop', because: 'web answered 100 requests' },
      ]);
    });

    it('makes one cause of two verdicts on it, with the evidence of both', () => {
      const cluster = clusterOf('nat');
      const look = { host: 'rs2', command: 'look again', output: 'still there' };
      const verdicts = [
        found('rs2', ['rs-firewall-drop']),
        found('rs2', ['rs-firewall-drop'], { check: 'other/check', evidence: [look] }),
      ];
      const diagnoses = diagnose(inputOf(cluster, verdicts, observationOf(cluster, { rs2: silent })));
      expect(diagnoses).to.have.length(1);
      expect(diagnoses[0]?.evidence).to.deep.include.members([look]);
      expect(diagnoses[0]?.explains).to.deep.equal(['some/rs-firewall-drop@rs2', 'other/check@rs2']);
    });
  });

  describe('a finding that may be one of several faults', () => {
    const cluster = clusterOf('nat');
    const unreachable: Showing = { kind: 'unreachable', state: 'SYN_RECV', inPackets: 3, outPackets: 2 };
    const reach = found('director1', ['rs-service-down', 'rs-host-down', 'wrong-rip-or-port'], { culprits: ['rs2'] });

    it('is the one that traffic looks like, likely while another does too', () => {
      const input = inputOf(cluster, [reach], observationOf(cluster, { rs2: unreachable }));
      const diagnoses = diagnose(reached(input, false));
      expect(diagnoses.map(({ cause, host, certainty }) => [cause, host, certainty])).to.deep.equal([
        ['rs-host-down', 'rs2', 'likely'],
      ]);
      expect(diagnoses[0]?.because.at(-1)).to.equal('the finding may as well be wrong-rip-or-port');
      expect(diagnoses[0]?.ruledOut.map(({ cause }) => cause)).to.deep.equal(['rs-service-down']);
    });

    it('bears a plainer finding out', () => {
      const verdicts = [reach, found('rs2', ['rs-host-down'], { check: 'real-server/address' })];
      const input = inputOf(cluster, verdicts, observationOf(cluster, { rs2: unreachable }));
      const diagnoses = diagnose(reached(input, false));
      expect(diagnoses.map(({ cause, host, certainty }) => [cause, host, certainty])).to.deep.equal([
        ['rs-host-down', 'rs2', 'certain'],
      ]);
      expect(diagnoses[0]?.explains).to.have.length(2);
    });

    it('is not a host that is down where it answered, nor what a check that sees it has not found there', () => {
      const filtered = found('rs2', [], { check: 'real-server/firewall', outcome: 'pass' });
      const verdicts = [
        found('director1', ['rs-host-down', 'rs-firewall-reject', 'wrong-rip-or-port'], { culprits: ['rs2'] }),
        filtered,
      ];
      const input = {
        ...inputOf(cluster, verdicts, observationOf(cluster, { rs2: unreachable })),
        sees: (check: string): readonly FaultId[] => (check === filtered.check ? ['rs-firewall-reject'] : []),
      };
      const [only, ...others] = diagnose(input);
      expect(others).to.deep.equal([]);
      expect(only).to.deep.include({
        cause: 'wrong-rip-or-port',
        ruledOut: [
          { cause: 'rs-host-down', because: 'rs2 answered over SSH' },
          { cause: 'rs-firewall-reject', because: 'real-server/firewall@rs2 found nothing of it' },
        ],
      });
    });
  });

  describe('what it cannot be sure of', () => {
    const silent: Showing = { kind: 'connect-timeout', state: 'SYN_RECV', inPackets: 3, outPackets: 0 };
    const cluster = clusterOf('dr');
    const drop = found('rs2', ['rs-firewall-drop']);
    const certainties = (observation: ReturnType<typeof observationOf>, verdict = drop) =>
      diagnose(inputOf(cluster, [verdict], observation)).map(({ certainty }) => certainty);

    it('a warning, and a real server whose answers name nobody, are likely', () => {
      expect(certainties(observationOf(cluster, { rs2: silent }), { ...drop, outcome: 'warn' })).to.deep.equal([
        'likely',
      ]);
      const unnamed = observationOf(cluster, { rs2: silent }, { load: { answersByRealServer: { web1: 100 } } });
      expect(certainties(unnamed)).to.deep.equal(['likely']);
    });

    it('is possible where neither the table nor the kind of failure is known, and explains nothing under load then', () => {
      const { load } = observationOf(cluster, { rs2: silent });
      if (load === undefined) throw new RangeError('it has load');
      const bare = { load: { ...load, errors: { ...load.errors, byKind: {} } }, reach: [] };
      const input = inputOf(cluster, [drop, ...symptoms], bare);
      expect(diagnose(input).map(({ certainty }) => certainty)).to.deep.equal(['possible']);
      expect(unexplained(input, diagnose(input))).to.have.length(2);
    });

    it('a real server of which no packet came back is silent whatever the answers name, and one that others fail with is likely', () => {
      const nat = clusterOf('nat');
      const unnamed = observationOf(nat, { rs2: silent }, { load: { answersByRealServer: { web1: 100 } } });
      expect(named(inputOf(nat, [drop], unnamed))).to.deep.equal([['rs-firewall-drop', 'rs2', 'likely']]);
      expect(named(inputOf(nat, [drop], observationOf(nat, { rs2: silent, rs3: silent })))).to.deep.equal([
        ['rs-firewall-drop', 'rs2', 'likely'],
      ]);
    });

    it('a destination that nobody declared, which the director alone was seen to have, is likely', () => {
      const nat = clusterOf('nat');
      const verdict = found('director1', ['wrong-rip-or-port'], { stage: 'post' });
      expect(named(inputOf(nat, [verdict], observationOf(nat, { rs2: silent })))).to.deep.equal([
        ['wrong-rip-or-port', 'director1', 'likely'],
      ]);
    });

    it('a standby director is not asked: another carried the service', () => {
      const [director] = cluster.directors;
      if (director === undefined) throw new RangeError('it has a director');
      const two = { ...cluster, directors: [director, { ...director, name: 'director2', dip: '192.168.122.9' }] };
      const all = observationOf(two, { rs1: silent, rs2: silent, rs3: silent });
      expect(named(inputOf(two, [found('director2', ['director-output-drop'])], all))).to.deep.equal([]);
    });
  });

  it('is never certain while every destination answers, whatever was found and however it looks', () => {
    const methods = fc.constantFrom<ForwardingMethod>('nat', 'dr', 'tun');
    const verdicts = fc.array(
      fc.record({
        host: fc.constantFrom('director1', 'client1', ...servers),
        faults: fc.array(fc.constantFrom(...faultIds), { minLength: 1, maxLength: 3 }),
        outcome: fc.constantFrom<'fail' | 'warn'>('fail', 'warn'),
      }),
      { maxLength: 6 },
    );
    const load = fc.record({
      answers: fc.tuple(...servers.map(() => fc.integer({ min: 1, max: 50 }))),
      kinds: fc.array(
        fc.constantFrom<ConnectionErrorKind>('refused', 'reset', 'connect-timeout', 'response-timeout', 'unreachable'),
      ),
      state: fc.constantFrom('SYN_RECV', 'CLOSE', 'ESTABLISHED', 'TIME_WAIT', 'none'),
      inPackets: fc.integer({ min: 0, max: 33 }),
      outPackets: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(methods, verdicts, load, (method, findings, { answers, kinds: seen, ...shows }) => {
        const cluster = clusterOf(method);
        const answered = answers.reduce((sum, count) => sum + count, 0);
        const one: Showing = { kind: 'other', ...shows };
        const observation = observationOf(
          cluster,
          { rs1: one, rs2: one, rs3: one },
          {
            load: {
              sent: 150,
              answered,
              failed: 150 - answered,
              errors: { rate: 0, byKind: Object.fromEntries(seen.map((kind) => [kind, 1])), examples: [] },
              answersByRealServer: Object.fromEntries(servers.map((name, index) => [name, answers[index] ?? 1])),
            },
          },
        );
        const told = findings.map(({ host, faults, outcome }) => found(host, faults, { outcome }));
        const certain = diagnose(inputOf(cluster, [...told, ...symptoms], observation)).filter(
          ({ certainty }) => certainty === 'certain',
        );
        expect(certain).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });
});

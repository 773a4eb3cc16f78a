import { expect } from 'chai';

import { diagnose } from '../../../lib/diagnosis/diagnose.ts';
import { unnamedFates } from '../../../lib/diagnosis/followed.ts';
import type { DiagnosisInput } from '../../../lib/diagnosis/input.ts';
import { rules } from '../../../lib/diagnosis/rules/index.ts';
import { probing as rule } from '../../../lib/diagnosis/rules/probing.ts';
import type { Probe } from '../../../lib/model/ends.ts';
import { cip, dip, vip } from '../../builders.ts';
import { anAddress, aRoute } from '../../host-facts.ts';
import { found } from './scene.ts';

import { named, refused, routesOf, rs2, sceneInput, silent, type Scene } from './experiment.ts';

const all = { rs1: silent, rs2: silent, rs3: silent };
const lost = Object.fromEntries(Object.keys(all).map((name) => [name, { ...silent, state: 'none' }]));
const unseen = (probes: readonly Probe[]): readonly Probe[] =>
  probes.map(({ sourceAddress, localPort, outcome, tookMs }) => ({ sourceAddress, localPort, outcome, tookMs }));

/** The VIP is on the first of two directors, and its SYNs come to the second. */
const misled: Scene = {
  method: 'dr',
  pair: true,
  failing: lost,
  probes: unseen,
  counted: { director2: { addressErrors: 36 }, client1: { begun: 12, segmentsOut: 40, packetsOut: 40 } },
};
const masterSince = (agoS: number) => ({
  keepalivedJournal: { transitions: [{ instance: 'VI_1', state: 'MASTER' as const, agoS }], complaints: [] },
});

describe('the experiment: a mechanism by the counter that moved', () => {
  const cases: readonly (Scene & { readonly title: string; readonly expected: string })[] = [
    {
      title: 'DR: packets for no address of its own',
      method: 'dr',
      failing: rs2,
      counted: { rs2: { addressErrors: 12 } },
      expected: 'rs-vip-missing rs2 certain',
    },
    {
      title: 'TUN: packets for no address of its own',
      method: 'tun',
      failing: rs2,
      counted: { rs2: { addressErrors: 12 } },
      expected: 'tun-vip-missing rs2 certain',
    },
    {
      title: 'DR: the reverse path filter',
      method: 'dr',
      failing: rs2,
      counted: { rs2: { reversePathDrops: 12 } },
      expected: 'rs-rp-filter-multihomed rs2 certain',
    },
    {
      title: 'TUN: the reverse path filter',
      method: 'tun',
      failing: rs2,
      counted: { rs2: { reversePathDrops: 12 } },
      expected: 'tun-rp-filter rs2 certain',
    },
    {
      title: 'the accept queue',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { listenOverflows: 9 } },
      expected: 'rs-accept-queue-overflow rs2 certain',
    },
    {
      title: 'the SYN backlog',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { requestQueueDrops: 9 } },
      expected: 'rs-syn-backlog-overflow rs2 certain',
    },
    {
      title: 'no route for the answer',
      method: 'dr',
      failing: rs2,
      counted: { rs2: { noRoutes: 12 } },
      expected: 'rs-no-default-route rs2 certain',
    },
    {
      title: 'NAT: answered, and the answer goes past the director',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { halfOpen: 4 } },
      facts: { rs2: routesOf('10.10.10.2') },
      expected: 'nat-rs-gateway-not-director rs2 likely',
    },
    {
      title: 'NAT: answered, and the answer goes to the client itself',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { halfOpen: 4 } },
      facts: { rs2: { routes: [aRoute(cip)] } },
      expected: 'nat-client-same-subnet rs2 likely',
    },
    {
      title: 'NAT: answered to another address of the director, which does not let it by',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { halfOpen: 4 } },
      facts: {
        rs2: routesOf('10.10.10.254'),
        director1: { addresses: [anAddress('eth1', '10.10.10.254')] },
      },
      expected: 'director-forward-drop director1 likely',
    },
    {
      title: 'NAT: answered through the director, which does not let it by',
      method: 'nat',
      failing: { rs1: silent, rs2: silent, rs3: silent },
      counted: { rs1: { halfOpen: 4 }, rs2: { halfOpen: 4 }, rs3: { halfOpen: 4 } },
      facts: { rs1: routesOf(dip), rs2: routesOf(dip), rs3: routesOf(dip) },
      expected: 'director-forward-drop director1 likely',
    },
    {
      title: 'NAT: answered through a director that forwards nothing',
      method: 'nat',
      failing: { rs1: silent, rs2: silent, rs3: silent },
      counted: {
        rs1: { halfOpen: 4 },
        rs2: { halfOpen: 4 },
        rs3: { halfOpen: 4 },
        director1: { addressErrors: 36 },
      },
      facts: { rs1: routesOf(dip), rs2: routesOf(dip), rs3: routesOf(dip) },
      expected: 'director-ip-forward-off director1 likely',
    },
    {
      title: 'NAT: answered through a director whose reverse path filter drops it',
      method: 'nat',
      failing: { rs1: silent, rs2: silent, rs3: silent },
      counted: {
        rs1: { halfOpen: 4 },
        rs2: { halfOpen: 4 },
        rs3: { halfOpen: 4 },
        director1: { reversePathDrops: 36 },
      },
      facts: { rs1: routesOf(dip), rs2: routesOf(dip), rs3: routesOf(dip) },
      expected: 'director-rp-filter director1 likely',
    },
    {
      title: 'DR: answered, and the answer goes to the director',
      method: 'dr',
      failing: rs2,
      counted: { rs2: { halfOpen: 4 } },
      facts: { rs2: { routes: [aRoute('172.16.0.2', { from: vip, gateway: '192.168.122.10' })] } },
      expected: 'dr-rs-gateway-is-director rs2 likely',
    },
    {
      title: 'packets that came in and went nowhere',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { packetsIn: 412 } },
      expected: 'rs-firewall-drop rs2 likely',
    },
    {
      title: 'refused by an ICMP error',
      method: 'nat',
      failing: { rs2: refused },
      counted: { rs2: { unreachablesSent: 2 } },
      expected: 'rs-firewall-reject rs2 likely',
    },
    {
      title: 'refused by a reset of what listens there',
      method: 'dr',
      failing: { rs2: refused },
      counted: { rs2: { resetsSent: 4 } },
      facts: { rs2: { listeners: [{ address: '[::]', port: 80, queued: 0, backlog: 128 }] } },
      expected: 'rs-firewall-reject rs2 likely',
    },
    {
      title: 'refused by a reset, and nobody listens',
      method: 'dr',
      failing: { rs2: refused },
      counted: { rs2: { resetsSent: 4 } },
      facts: { rs2: { listeners: [] } },
      expected: 'rs-service-down rs2 likely',
    },
    {
      title: 'refused by a reset, and somebody listens elsewhere',
      method: 'dr',
      failing: { rs2: refused },
      counted: { rs2: { resetsSent: 4 } },
      facts: { rs2: { listeners: [{ address: '127.0.0.1', port: 80, queued: 0, backlog: 128 }] } },
      expected: 'rs-service-not-on-vip rs2 likely',
    },
    {
      title: 'TUN: a protocol that it does not know',
      method: 'tun',
      failing: { rs2: { ...refused, kind: 'unreachable' } },
      counted: { rs2: { unknownProtocols: 4, unreachablesSent: 4 } },
      expected: 'tun-ipip-module-missing rs2 certain',
    },
    {
      title: 'no room to track the connections of a real server',
      method: 'dr',
      failing: rs2,
      counted: { rs2: { conntrackDrops: 12, packetsDelivered: 388 } },
      expected: 'rs-conntrack-full rs2 certain',
    },
    {
      title: 'frames that IP never saw',
      method: 'nat',
      failing: rs2,
      counted: { rs2: { framesIn: 412 } },
      expected: 'rs-firewall-drop rs2 likely',
    },
    ...(['nat', 'dr', 'tun'] as const).map((method) => ({
      title: `${method}: answered, and the client takes the answers for nobody's`,
      method,
      failing: all,
      counted: {
        rs1: { halfOpen: 4 },
        rs2: { halfOpen: 4 },
        rs3: { halfOpen: 4 },
        client1: { packetsDelivered: 364 },
      },
      facts: { rs1: routesOf(dip), rs2: routesOf(dip), rs3: routesOf(dip) },
      expected: 'client-firewall client1 likely',
    })),
    {
      title: 'requests that never left the client',
      method: 'dr',
      failing: lost,
      probes: unseen,
      counted: { client1: { begun: 12, synRetransmits: 24, retransmits: 24, segmentsOut: 30, packetsOut: 18 } },
      expected: 'client-firewall client1 likely',
    },
    {
      title: 'requests that the director had no room to track',
      method: 'nat',
      failing: lost,
      probes: unseen,
      counted: { director1: { conntrackDrops: 36 }, client1: { begun: 12, segmentsOut: 40, packetsOut: 40 } },
      expected: 'director-conntrack-full director1 likely',
    },
    {
      title: 'requests that the router sends to the director that had the VIP before',
      ...misled,
      facts: { director1: masterSince(20) },
      expected: 'garp-lost-after-failover director1 likely',
    },
    {
      title: 'requests that the router sends to a director that had the VIP for a moment',
      ...misled,
      facts: { director1: masterSince(900), director2: masterSince(20) },
      expected: 'no-garp-after-split-brain-heal director1 likely',
    },
  ];
  for (const { title, expected, ...scene } of cases)
    it(`${title}: ${expected}`, () => {
      expect(named(scene)).to.deep.equal([expected]);
      const [diagnosis] = diagnose(sceneInput(scene));
      expect(diagnosis?.remedy?.host).to.equal(diagnosis?.host);
      expect(diagnosis?.remedy?.commands).to.not.deep.equal([]);
    });

  it('has a case of each of its causes', () => {
    expect([...new Set(cases.map(({ expected }) => expected.split(' ')[0]))].toSorted()).to.deep.equal(
      rule.causes.toSorted(),
    );
    expect(rules).to.include(rule);
  });

  it('rules out what it asked before', () => {
    const [diagnosis] = diagnose(sceneInput({ method: 'dr', failing: rs2, counted: { rs2: { noRoutes: 12 } } }));
    expect(diagnosis?.ruledOut.map(({ cause }) => cause)).to.include.members([
      'rs-vip-missing',
      'rs-rp-filter-multihomed',
      'rs-accept-queue-overflow',
    ]);
    expect(diagnosis?.explains).to.deep.equal(['traffic/requests@director1/web']);
    expect(diagnosis?.evidence).to.have.lengthOf(1);
  });

  it('says nothing where no counter moved', () => {
    for (const method of ['nat', 'dr', 'tun'] as const) {
      expect(named({ method, failing: rs2 })).to.deep.equal([]);
      expect(named({ method, failing: { rs2: refused } })).to.deep.equal([]);
    }
  });

  it('says nothing of requests that never reached IPVS where neither end counted what became of them', () => {
    const scene: Scene = { method: 'dr', failing: lost, probes: unseen };
    const sent = { client1: { begun: 12, synRetransmits: 24, retransmits: 24, segmentsOut: 30, packetsOut: 54 } };
    expect(named({ ...scene, counted: sent })).to.deep.equal([]);
    const [fate, ...others] = unnamedFates(sceneInput({ ...scene, counted: sent }));
    expect(fate).to.include('12 of 12 probes of client1 timed out, and director1 has an entry of none');
    expect(others).to.deep.equal([]);
    const one = (probes: readonly Probe[]) =>
      unseen(probes).map((probe, index) => (index === 0 ? { ...probe, outcome: 'answered' as const } : probe));
    expect(unnamedFates(sceneInput({ ...scene, probes: one }))).to.deep.equal([]);
  });

  it('says nothing of a second director that dropped less than one packet for each probe', () => {
    expect(named({ ...misled, counted: { ...misled.counted, director2: { addressErrors: 11 } } })).to.deep.equal([]);
  });

  it('then tells what was seen, and where to look', () => {
    const [fate, ...others] = unnamedFates(sceneInput({ method: 'dr', failing: rs2 }));
    expect(fate).to.include('4 of 4 probes that director1 sent to rs2 ended in connect-timeout');
    expect(fate).to.include('no counter of rs2 moved');
    expect(others).to.deep.equal([]);
    const hanging = { rs2: { ...silent, kind: 'response-timeout' as const } };
    const [unasked] = unnamedFates(sceneInput({ method: 'dr', failing: hanging }));
    expect(unasked).to.include('ended in response-timeout').and.not.include('no counter');
    expect(unnamedFates(sceneInput({ method: 'dr', failing: rs2, counted: { rs2: { noRoutes: 12 } } }))).to.deep.equal(
      [],
    );
  });

  it('says nothing of one ICMP error or one half-open connection, which may be of other traffic', () => {
    const one = { rs2: { unreachablesSent: 1, unknownProtocols: 1 } };
    for (const method of ['nat', 'tun'] as const)
      expect(named({ method, failing: { rs2: refused }, counted: one })).to.deep.equal([]);
    const facts = { rs2: routesOf('10.10.10.2') };
    expect(named({ method: 'nat', failing: rs2, counted: { rs2: { halfOpen: 1 } }, facts })).to.deep.equal([]);
  });

  it('says nothing of a counter that moved less than the probes it would have to explain', () => {
    expect(named({ method: 'dr', failing: rs2, counted: { rs2: { addressErrors: 3, packetsIn: 403 } } })).to.deep.equal(
      [],
    );
  });

  it('says nothing of a real server that answered a probe, or got but one', () => {
    const counted = { rs2: { addressErrors: 12 } };
    const answeredOnce = (all: readonly Probe[]) =>
      all.map((probe, index) => (index === 5 ? { ...probe, outcome: 'answered' as const } : probe));
    expect(named({ method: 'dr', failing: rs2, counted, probes: answeredOnce })).to.deep.equal([]);
    expect(named({ method: 'dr', failing: rs2, counted, probes: (all) => all.slice(0, 5) })).to.deep.equal([]);
  });

  it('says nothing of entries that were not read, nor of counters that were not', () => {
    const counted = { rs2: { addressErrors: 12 } };
    const unread = (all: readonly Probe[]) =>
      all.map(({ sourceAddress, localPort, outcome, tookMs }) => ({ sourceAddress, localPort, outcome, tookMs }));
    expect(named({ method: 'dr', failing: rs2, counted, probes: unread })).to.deep.equal([]);
    const input = sceneInput({ method: 'dr', failing: rs2, counted });
    const observed = input.observation('web');
    const blind = observed?.probing?.ends.map(({ host, role }) => ({ host, role, problem: 'not reached' })) ?? [];
    const without: DiagnosisInput = {
      ...input,
      observation: () =>
        observed?.probing === undefined ? observed : { ...observed, probing: { ...observed.probing, ends: blind } },
    };
    expect(diagnose(without)).to.deep.equal([]);
  });

  it('leaves the word to a believed finding on the same host, and backs the same cause', () => {
    // As VRRP adverts, which a host that stands in for nobody takes for nothing.
    expect(
      named({ method: 'nat', failing: rs2, counted: { rs2: { packetsIn: 412, packetsForMany: 9 } } }),
    ).to.deep.equal([]);
    const counted = { rs2: { packetsIn: 412 } };
    const by = (fault: Parameters<typeof found>[1][number]) =>
      named({ method: 'nat', failing: rs2, counted, verdicts: [found('rs2', [fault])] });
    expect(by('nat-rs-bypass-route')).to.deep.equal(['nat-rs-bypass-route rs2 certain']);
    expect(by('rs-firewall-drop')).to.deep.equal(['rs-firewall-drop rs2 certain']);
  });

  it('tells symptoms of real servers apart that the sum of the load mixes up', () => {
    const failing = { rs1: { ...refused, state: 'CLOSE', outPackets: 1 }, rs2: silent };
    const verdicts = [found('rs2', ['rs-firewall-reject', 'rs-firewall-drop'])];
    const [drop] = diagnose(sceneInput({ method: 'nat', failing, verdicts }));
    expect(drop?.cause).to.equal('rs-firewall-drop');
    expect(drop?.ruledOut).to.deep.include({
      cause: 'rs-firewall-reject',
      because: 'clients of rs2 (10.10.10.20:80) saw timeouts before the handshake, not refusals or unreachable hosts',
    });
  });
});

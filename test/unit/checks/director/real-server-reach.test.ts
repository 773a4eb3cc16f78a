import { expect } from 'chai';
import { realServerReach } from '../../../../checks/director/real-server-reach.ts';
import { aCluster, aClusterWith, aRealServer } from '../../../builders.ts';
import { type HttpProbe, missing } from '../../../../lib/model/facts.ts';
import { aProbe } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const probes = (second: Partial<HttpProbe> = {}): HttpProbe[] => [
  aProbe('http://10.10.10.10:80/', 'director1', 'rs1'),
  aProbe('http://10.10.10.20:80/', 'director1', 'rs2', second),
  aProbe('http://10.10.10.30:80/', 'director1', 'rs3'),
];
const when = (httpProbes: readonly HttpProbe[], cluster = aCluster()) =>
  judge(realServerReach, { cluster, facts: { director1: { httpProbes } } });

describe('director/real-server-reach', () => {
  it('passes when every destination answers as it should', () => {
    expect(judge(realServerReach)).to.deep.include({
      outcome: 'pass',
      found: { rs1: 'answered 200', rs2: 'answered 200', rs3: 'answered 200' },
    });
  });

  it('fails for one that refuses, names it and no other, and quotes its probe', () => {
    const judgement = when(probes({ outcome: 'refused' }));
    const { outcome, reason } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason)
      .to.include('does not get 200: rs2 (10.10.10.20:80) refused')
      .and.not.include('rs1')
      .and.not.include('rs3');
    expect(quoted(judgement)).to.include('10.10.10.20').and.not.include('10.10.10.10');
  });

  describe('one that is silent', () => {
    const dead = { links: missing('unreachable', 'no answer') };
    const silent = (
      state: string,
      others: Parameters<typeof judge>[1] = {},
      outcome: HttpProbe['outcome'] = 'timeout',
    ) =>
      judge(realServerReach, {
        facts: {
          director1: {
            httpProbes: probes({ outcome }),
            neighbours: ['10.10.10.10', '10.10.10.20', '10.10.10.30'].map((address) => ({
              address,
              interface: 'eth1',
              state: address.endsWith('20') ? state : 'reachable',
            })),
          },
          ...others.facts,
        },
      });

    for (const state of ['failed', 'incomplete'])
      it(`is a host that is down where ARP (${state}) and SSH go unanswered too`, () => {
        const judgement = silent(state, { facts: { rs2: dead } });
        const { faults, reason } = finding(judgement);
        expect(faults).to.deep.equal(['rs-host-down']);
        expect(reason).to.include('rs2 (10.10.10.20:80) did not answer in time, and answers neither ARP nor SSH');
        expect(quoted(judgement)).to.include('10.10.10.20').and.include(state);
      });

    it('may be filtered where it answers ARP', () => {
      expect(finding(silent('reachable', { facts: { rs2: dead } })).faults).to.include('rs-firewall-drop');
    });

    it('may have another address where it answers SSH', () => {
      expect(finding(silent('failed', {}, 'unreachable')).faults).to.include('wrong-rip-or-port');
    });

    it('says nothing of the real servers where all of them are', () => {
      const judgement = judge(realServerReach, {
        facts: {
          rs1: dead,
          rs2: dead,
          rs3: dead,
          director1: {
            httpProbes: ['10', '20', '30'].map((host) => ({
              ...aProbe(`http://10.10.10.${host}:80/`, 'director1', 'rs'),
              outcome: 'unreachable',
            })),
            neighbours: ['10', '20', '30'].map((host) => ({
              address: `10.10.10.${host}`,
              interface: 'eth1',
              state: 'failed',
            })),
          },
        },
      });
      expect(finding(judgement).faults).to.include('rs-firewall-reject');
    });
  });

  it('fails for one that answers with another status', () => {
    expect(finding(when(probes({ status: 503 }))).reason).to.include(
      'does not get 200: rs2 (10.10.10.20:80) answered 503',
    );
  });

  it('warns for one with weight 0', () => {
    const cluster = aCluster({ realServers: [aRealServer(1), aRealServer(2, { weight: 0 }), aRealServer(3)] });
    const { outcome, reason } = finding(when(probes({ outcome: 'timeout' }), cluster));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('weight 0');
  });

  it('cannot tell about one nobody tried', () => {
    const judgement = when(probes().slice(1));
    expect(judgement.outcome).to.equal('error');
    expect(judgement).to.have.property('reason').that.includes('rs1');
  });

  it('does not apply to other protocols', () => {
    expect(when(probes(), aClusterWith({ protocol: 'udp' })).outcome).to.equal('not-applicable');
  });

  it('finds the probe of an IPv6 destination on the default port', () => {
    const cluster = aCluster({ realServers: [aRealServer(1, { rip: 'fd00::10' })] });
    expect(when([aProbe('http://[fd00:0::10]/', 'director1', 'rs1')], cluster).outcome).to.equal('pass');
  });
});

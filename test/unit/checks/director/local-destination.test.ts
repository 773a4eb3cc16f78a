import { expect } from 'chai';
import { localDestination as check } from '../../../../checks/director/local-destination.ts';
import type { Listener } from '../../../../lib/model/facts.ts';
import { aClusterWith, aDirectCluster, aRealServer, dip, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const listening = (...addresses: readonly string[]): { listeners: Listener[] } => ({
  listeners: addresses.map((address) => ({ address, port: 80, queued: 0, backlog: 128 })),
});
const nat = aClusterWith({}, { realServers: [aRealServer(1), aRealServer(2, { rip: dip })] });
const direct = aDirectCluster('dr');
const local = {
  ...direct,
  virtualServices: direct.virtualServices.map((service) => ({
    ...service,
    destinations: [
      ...service.destinations,
      { realServer: aRealServer(9, { rip: '192.168.122.10' }), port: 80, weight: 1 },
    ],
  })),
};

describe('director/local-destination', () => {
  it('does not apply while all destinations are elsewhere', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster: direct }).outcome).to.equal('not-applicable');
  });

  it('passes when the director serves what is sent to it', () => {
    for (const address of ['*', '0.0.0.0', '[::]', dip]) {
      expect(judge(check, { cluster: nat, facts: { director1: listening(address) } }).outcome, address).to.equal(
        'pass',
      );
    }
    expect(judge(check, { cluster: local, facts: { director1: listening(vip) } }).outcome).to.equal('pass');
  });

  it('fails when nothing listens, or with DR on the RIP alone', () => {
    const { outcome, reason } = finding(judge(check, { cluster: nat, facts: { director1: listening() } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`rs2 (${dip})`).and.include(`${dip}:80`);
    const bound = finding(judge(check, { cluster: local, facts: { director1: listening('192.168.122.10') } }));
    expect(bound.reason).to.include(`${vip}:80`);
  });

  it('fails for NAT to a loopback address', () => {
    const cluster = aClusterWith({}, { realServers: [aRealServer(1, { rip: '127.0.0.1' })] });
    const { reason } = finding(judge(check, { cluster, facts: { director1: listening('*') } }));
    expect(reason).to.include('loopback');
  });

  it('looks for a UDP socket where the service is UDP', () => {
    const cluster = {
      ...nat,
      virtualServices: nat.virtualServices.map((service) => ({ ...service, protocol: 'udp' as const })),
    };
    expect(judge(check, { cluster, facts: { director1: listening('*') } }).outcome).to.equal('fail');
    const bound = { listeners: [{ protocol: 'udp' as const, address: '*', port: 80, queued: 0, backlog: 0 }] };
    expect(judge(check, { cluster, facts: { director1: bound } }).outcome).to.equal('pass');
  });
});

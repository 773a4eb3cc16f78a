import { expect } from 'chai';
import { udpListener as check } from '../../../../checks/real-server/udp-listener.ts';
import type { Listener } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aService, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const socket = (address: string, change: Partial<Listener> = {}): Listener => ({
  protocol: 'udp',
  address,
  port: 80,
  queued: 0,
  backlog: 0,
  ...change,
});
const when = (listeners: readonly Listener[], forwarding: 'nat' | 'dr' = 'dr') => {
  const base = forwarding === 'nat' ? aCluster() : aDirectCluster('dr');
  const cluster = { ...base, virtualServices: [aService(base.realServers, { forwarding, protocol: 'udp' })] };
  return judge(check, { on: 'rs2', cluster, facts: { rs2: { listeners } } });
};

describe('real-server/udp-listener', () => {
  it('passes bound to the VIP, and with NAT to anything that takes the RIP', () => {
    expect(when([socket(vip)]).outcome).to.equal('pass');
    expect(when([socket('*'), socket(vip)]).outcome).to.equal('pass');
    expect(when([socket('*')], 'nat').outcome).to.equal('pass');
    expect(when([socket('10.10.10.20')], 'nat').outcome).to.equal('pass');
  });

  it('warns of the wildcard address with DR', () => {
    const { outcome, reason } = finding(when([socket('*')]));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('192.168.122.12').and.include(`${vip}:80`);
  });

  it('fails when nothing, or a socket of another address, port or protocol is there', () => {
    expect(finding(when([])).reason).to.include('nothing');
    expect(finding(when([socket('192.168.122.12')])).reason).to.include('only 192.168.122.12:80');
    expect(when([socket('*', { port: 81 })]).outcome).to.equal('fail');
    expect(when([{ address: '*', port: 80, queued: 0, backlog: 511 }]).outcome).to.equal('fail');
  });

  it('does not apply to TCP', () => {
    expect(judge(check).outcome).to.equal('not-applicable');
  });
});

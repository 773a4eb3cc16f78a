import { expect } from 'chai';
import { persistence as check } from '../../../../checks/virtual-service/persistence.ts';
import type { IpvsService } from '../../../../lib/model/facts.ts';
import { vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const service = (port: number, persistenceS: number, change: Partial<IpvsService> = {}): IpvsService => ({
  protocol: 'tcp',
  address: vip,
  port,
  scheduler: 'rr',
  persistenceS,
  extra: [],
  destinations: ['10.10.10.10', '10.10.10.20'].map((address) => ({
    address,
    port,
    forwarding: 'nat',
    weight: 1,
    extra: [],
  })),
  ...change,
});
const when = (...services: readonly IpvsService[]) =>
  judge(check, { facts: { director1: { ipvsRules: { services } } } });

describe('virtual-service/persistence', () => {
  it('passes with one of two persistent, with both at different VIPs, and with one mark for both', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(when(service(80, 300), service(443, 0)).outcome).to.equal('pass');
    expect(when(service(80, 300), service(443, 300, { address: '192.168.122.101' })).outcome).to.equal('pass');
    expect(when(service(0, 300, { protocol: 'fwmark', address: '', fwmark: 7 })).outcome).to.equal('pass');
    expect(when(service(80, 300), service(25, 300)).outcome).to.equal('pass');
    expect(when(service(0, 300)).outcome).to.equal('pass');
  });

  it('fails for all ports without persistence', () => {
    const { outcome, reason, remedy } = finding(when(service(0, 0)));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`-t ${vip}:0`);
    expect(remedy?.commands).to.deep.equal([`ipvsadm -E -t ${vip}:0 -s rr -p 300`]);
  });

  it('warns when HTTP and HTTPS pin a client apart', () => {
    const { outcome, reason } = finding(when(service(443, 300), service(80, 300)));
    expect(outcome).to.equal('warn');
    expect(reason).to.include(`-t ${vip}:80`).and.include(`-t ${vip}:443`);
  });

  it('does not mind two with one destination each', () => {
    const { destinations } = service(80, 300);
    const single = { destinations: destinations.slice(0, 1) };
    expect(when(service(80, 300, single), service(443, 300, single)).outcome).to.equal('pass');
  });

  it('does not apply without rules', () => {
    expect(when().outcome).to.equal('not-applicable');
  });
});

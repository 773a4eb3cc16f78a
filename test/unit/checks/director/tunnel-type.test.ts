import { expect } from 'chai';
import { tunnelType as check } from '../../../../checks/director/tunnel-type.ts';
import { type IpvsRules, missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, vip } from '../../../builders.ts';
import { finding, judge } from '../../../judgement.ts';

const rules = (...extra: string[]): IpvsRules => ({
  services: [
    {
      protocol: 'tcp',
      address: vip,
      port: 80,
      scheduler: 'rr',
      persistenceS: 0,
      extra: [],
      destinations: [1, 2, 3].map((number) => ({
        address: `10.20.${number}.11`,
        port: 80,
        forwarding: 'tun',
        weight: 1,
        extra: number === 2 ? extra : [],
      })),
    },
  ],
});
const gre: readonly NetworkLink[] = [{ name: 'gre1', mtu: 1476, up: true, noArp: true, kind: 'gre' }];
const when = (ipvsRules: IpvsRules, links?: readonly NetworkLink[]) =>
  judge(check, {
    cluster: aDirectCluster('tun'),
    facts: { director1: { ipvsRules }, ...(links === undefined ? {} : { rs2: { links } }) },
  });

describe('director/tunnel-type', () => {
  it('passes with IP in IP on both ends, and with GRE on both', () => {
    expect(judge(check, { cluster: aDirectCluster('tun') }).outcome).to.equal('pass');
    expect(when(rules('--tun-type', 'gre'), gre).outcome).to.equal('pass');
    expect(when(rules('--tun-type=ipip')).outcome).to.equal('pass');
  });

  it('fails with GRE towards tunl0', () => {
    const { outcome, reason } = finding(when(rules('--tun-type', 'gre')));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('gre');
  });

  it('cannot see what takes GUE, nor a host that does not say its links', () => {
    expect(when(rules('--tun-type', 'gue', '--tun-port', '6080')).outcome).to.equal('error');
    const facts = { director1: { ipvsRules: rules('--tun-type', 'gre') }, rs2: { links: missing('unreachable', 'x') } };
    expect(judge(check, { cluster: aDirectCluster('tun'), facts }).outcome).to.equal('error');
  });

  it('does not apply to other methods, nor without the rules', () => {
    expect(judge(check, { cluster: aCluster() }).outcome).to.equal('not-applicable');
    expect(when({ services: [] }).outcome).to.equal('not-applicable');
  });
});

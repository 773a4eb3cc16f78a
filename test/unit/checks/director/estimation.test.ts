import { expect } from 'chai';
import { estimation as check } from '../../../../checks/director/estimation.ts';
import type { IpvsService } from '../../../../lib/model/facts.ts';
import { finding, judge } from '../../../judgement.ts';

const services = (count: number): IpvsService[] =>
  Array.from({ length: count }, (_, index) => ({
    protocol: 'fwmark' as const,
    address: '',
    port: 0,
    fwmark: index + 1,
    scheduler: 'rr',
    persistenceS: 0,
    extra: [],
    destinations: [],
  }));
const os = (kernel: string) => ({ id: 'debian', prettyName: 'Debian', kernel });

describe('director/estimation', () => {
  it('passes while counters are kept, also by a kernel that cannot stop', () => {
    expect(judge(check).outcome).to.equal('pass');
    expect(judge(check, { facts: { director1: { sysctl: {} } } }).outcome).to.equal('pass');
  });

  it('finds counters that stand still', () => {
    const sysctl = { 'net.ipv4.vs.run_estimation': '0' };
    const { outcome, reason, remedy } = finding(judge(check, { facts: { director1: { sysctl } } }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('stand still');
    expect(remedy?.commands).to.deep.equal(['sysctl -w net.ipv4.vs.run_estimation=1']);
  });

  it('finds too many for one timer, and not on a kernel that has threads for them', () => {
    const ipvsRules = { services: services(10_001) };
    const { reason } = finding(judge(check, { facts: { director1: { ipvsRules, os: os('6.1.0') } } }));
    expect(reason).to.include('10001 services and destinations');
    expect(judge(check, { facts: { director1: { ipvsRules, os: os('6.2.0') } } }).outcome).to.equal('pass');
  });
});

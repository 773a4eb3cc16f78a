import { expect } from 'chai';
import { tunnelMtu as check } from '../../../../checks/real-server/tunnel-mtu.ts';
import { type Firewall, missing, type NetworkLink } from '../../../../lib/model/facts.ts';
import { aDirectCluster, router, vip } from '../../../builders.ts';
import { aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cip = '172.16.0.2';
const cluster = aDirectCluster('tun');
const plain = { routes: [aRoute(cip, { from: vip, gateway: router })] };
const when = (rs2: FactChanges, director1: FactChanges = {}) =>
  judge(check, { on: 'rs2', cluster, facts: { rs2, director1 } });
const eth0 = (mtu: number): readonly NetworkLink[] => [
  { name: 'eth0', mac: '02:00:00:00:00:02', mtu, up: true, noArp: false },
];
const clamped = (mss: number | undefined, source?: string): Firewall => ({
  engines: ['iptables'],
  rules: [],
  policies: { input: 'accept', forward: 'accept', output: 'accept' },
  mssClamps: [{ text: 'TCPMSS', ...(mss === undefined ? {} : { mss }), ...(source === undefined ? {} : { source }) }],
});

describe('real-server/tunnel-mtu', () => {
  it('passes with a lower advmss, a clamp, a larger underlay, or fragments', () => {
    expect(when({}).outcome).to.equal('pass');
    expect(when({ ...plain, firewall: clamped(1440) }).outcome).to.equal('pass');
    expect(when({ ...plain, firewall: clamped(1440, `${vip}/32`) }).outcome).to.equal('pass');
    expect(when(plain, { links: eth0(9000) }).outcome).to.equal('pass');
    expect(when({ ...plain, links: eth0(9000) }, { links: eth0(9000) }).outcome, 'clients have 1500').to.equal('pass');
    expect(when(plain, { sysctl: { 'net.ipv4.vs.pmtu_disc': '0' } }).outcome).to.equal('pass');
  });

  it('warns where a full segment does not fit', () => {
    const { outcome, reason, remedy } = finding(when(plain));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('1460').and.include('1480').and.include('ICMP');
    expect(remedy?.commands).to.deep.equal([`ip route replace default via ${router} dev eth0 advmss 1440`]);
    expect(remedy?.persistent?.join('\n')).to.include(`default via ${router} dev eth0 advmss 1440`);
  });

  it('knows clamps that do not help', () => {
    expect(when({ ...plain, firewall: clamped(1460) }).outcome).to.equal('warn');
    expect(when({ ...plain, firewall: clamped(undefined) }).outcome, 'to the path MTU').to.equal('warn');
    expect(when({ ...plain, firewall: clamped(1400, '10.0.0.1') }).outcome, 'of another source').to.equal('warn');
  });

  it('goes by a path MTU that the director has learned', () => {
    const learned = { routes: [aRoute('10.20.2.11', { gateway: router, mtu: 1400 })] };
    expect(finding(when({}, learned)).reason).to.include('1380');
  });

  it('cannot tell without the way of the director, or of the answer', () => {
    expect(when(plain, { routes: missing('unreachable', 'x') }).outcome).to.equal('error');
    expect(when({ routes: [] }).outcome).to.equal('error');
  });

  it('does not apply to DR', () => {
    expect(judge(check, { cluster: aDirectCluster('dr') }).outcome).to.equal('not-applicable');
  });
});

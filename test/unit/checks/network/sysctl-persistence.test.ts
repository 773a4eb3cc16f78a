import { expect } from 'chai';
import { sysctlPersistence } from '../../../../checks/network/sysctl-persistence.ts';
import type { PersistedSysctls, Sysctls } from '../../../../lib/model/facts.ts';
import { aCluster, aDirectCluster, aDirector } from '../../../builders.ts';
import { type FactChanges, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const dr = aDirectCluster('dr');
const tun = aDirectCluster('tun');
const file = '/etc/sysctl.d/90-lvs.conf';
const set = (values: Readonly<Record<string, string>>): PersistedSysctls =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, file }]));
const onRs1 = (change: FactChanges, cluster = dr) =>
  judge(sysctlPersistence, { cluster, on: 'rs1', facts: { rs1: change } });
const silent = { 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' };
const healthy = (cluster = dr): Sysctls => {
  const [rs1] = cluster.realServers;
  if (rs1 === undefined) throw new Error('no rs1');
  return factsOf(cluster, rs1).sysctl;
};
const network = { files: ['/etc/network/interfaces'], addresses: [], gateways: [], other: [] };

describe('network/sysctl-persistence', () => {
  it('passes for real servers of DR and TUN whose file has it all, and does not apply to clients', () => {
    expect(judge(sysctlPersistence, { cluster: dr, on: 'rs1' }).outcome).to.equal('pass');
    expect(judge(sysctlPersistence, { cluster: tun, on: 'rs1' }).outcome).to.equal('pass');
    expect(judge(sysctlPersistence, { cluster: dr, on: 'client1' }).outcome).to.equal('not-applicable');
  });

  it('fails when the silence of a real server is in no file, and writes it', () => {
    const { reason, remedy } = finding(onRs1({ persistedSysctl: {} }));
    expect(reason).to.equal(
      'rs1 has arp_ignore of eth0 in no file and arp_announce of eth0 in no file, so that is lost at the next reboot',
    );
    expect(remedy?.commands).to.deep.equal([
      "echo 'net.ipv4.conf.all.arp_ignore=1' >> /etc/sysctl.d/99-lvs.conf",
      "echo 'net.ipv4.conf.all.arp_announce=2' >> /etc/sysctl.d/99-lvs.conf",
    ]);
  });

  it('is content with the interface alone, and with no file for lo', () => {
    const own = { 'net.ipv4.conf.eth0.arp_ignore': '1', 'net.ipv4.conf.eth0.arp_announce': '2' };
    expect(onRs1({ persistedSysctl: set(own) }).outcome).to.equal('pass');
    const lo = { 'net.ipv4.conf.lo.arp_ignore': '1', 'net.ipv4.conf.lo.arp_announce': '2' };
    expect(onRs1({ persistedSysctl: set(lo) }).outcome).to.equal('fail');
  });

  it('says that `default` comes too late for an interface that is there', () => {
    const late = { 'net.ipv4.conf.default.arp_ignore': '1', 'net.ipv4.conf.default.arp_announce': '2' };
    expect(finding(onRs1({ persistedSysctl: set(late) })).reason).to.include('set for "default" only');
  });

  it('names the file that sets it back, and edits that one', () => {
    const { reason, remedy } = finding(
      onRs1({ persistedSysctl: set({ ...silent, 'net.ipv4.conf.all.arp_announce': '0' }) }),
    );
    expect(reason).to.include(`arp_announce of eth0 otherwise in ${file}`).and.not.include('arp_ignore');
    expect(remedy?.commands[0]).to.include(`sed -i.before-ipvet`).and.include(`${file}; else echo`);
    expect(remedy?.undo?.[0]).to.include(`mv ${file}.before-ipvet ${file}`);
  });

  it('takes what brings the interfaces up for a file as well, and a script that it cannot follow', () => {
    const settings = Object.entries(silent).map(([key, value]) => ({ key, value, file: '/etc/network/interfaces' }));
    expect(onRs1({ persistedSysctl: {}, persistedNetwork: { ...network, settings } }).outcome).to.equal('pass');
    const other = ['arp_ignore', 'arp_announce'].map((name) => ({
      text: `echo $V > /proc/sys/net/ipv4/conf/all/${name}`,
      file: '/etc/init.d/lvs',
    }));
    expect(onRs1({ persistedSysctl: {}, persistedNetwork: { ...network, other } }).outcome).to.equal('pass');
  });

  it('leaves what is wrong now to other checks', () => {
    const sysctl = { ...healthy(), 'net.ipv4.conf.all.arp_ignore': '0', 'net.ipv4.conf.all.arp_announce': '0' };
    expect(onRs1({ sysctl, persistedSysctl: {} }).outcome).to.equal('not-applicable');
  });

  it('sees strict filtering of what comes out of the tunnel, whichever of the two keys it is', () => {
    expect(finding(onRs1({ persistedSysctl: set({ 'net.ipv4.conf.all.rp_filter': '1' }) }, tun)).reason).to.include(
      'rp_filter of tunl0',
    );
    const loose = { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.tunl0.rp_filter': '2' };
    expect(onRs1({ persistedSysctl: set(loose) }, tun).outcome).to.equal('pass');
  });

  it('sees what IPVS was told by hand, and nothing where it was told nothing', () => {
    const [director] = aCluster().directors;
    if (director === undefined) throw new Error('no director');
    const sysctl = { ...factsOf(aCluster(), director).sysctl, 'net.ipv4.vs.expire_nodest_conn': '1' };
    const { reason } = finding(judge(sysctlPersistence, { facts: { director1: { sysctl } } }));
    expect(reason).to.include('net.ipv4.vs.expire_nodest_conn=1 in no file');
    const persistedSysctl = set({ 'net.ipv4.vs.expire_nodest_conn': '1' });
    expect(judge(sysctlPersistence, { facts: { director1: { sysctl, persistedSysctl } } }).outcome).to.equal('pass');
    expect(judge(sysctlPersistence).outcome).to.equal('not-applicable');
  });

  it('sees redirects that come back on a director with one interface', () => {
    const cluster = aCluster({ directors: [aDirector({ interface: 'eth0', vipInterface: 'eth0' })] });
    const off = { 'net.ipv4.conf.all.send_redirects': '0', 'net.ipv4.conf.eth0.send_redirects': '0' };
    const [director] = cluster.directors;
    if (director === undefined) throw new Error('no director');
    const sysctl = { ...factsOf(cluster, director).sysctl, ...off };
    const all = set({ 'net.ipv4.conf.all.send_redirects': '0' });
    const judged = (persistedSysctl: PersistedSysctls) =>
      judge(sysctlPersistence, { cluster, facts: { director1: { sysctl, persistedSysctl } } });
    expect(finding(judged(all)).reason).to.include('send_redirects of eth0');
    expect(judged(set(off)).outcome).to.equal('pass');
  });

  it('asks for the listen queue that somebody raised', () => {
    const sysctl = { ...healthy(), 'net.core.somaxconn': '65535' };
    expect(finding(onRs1({ sysctl })).reason).to.include('net.core.somaxconn=65535');
  });
});

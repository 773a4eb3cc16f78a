import { expect } from 'chai';
import { vip as check } from '../../../../checks/director/vip.ts';
import { missing, type RouteDecision } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith, aDirector, dip, vip } from '../../../builders.ts';
import { anAddress, aRoute, factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const own = [anAddress('eth0', '192.168.122.10'), anAddress('eth1', dip)];
/** Facts of a director that does not have the VIP: packets for it go elsewhere. */
const without = { addresses: own, routes: [aRoute(vip, { interface: 'eth0' })] };

describe('director/vip', () => {
  it('passes with the VIP on the declared interface', () => {
    expect(judge(check).outcome).to.equal('pass');
  });

  it('warns when the VIP is on another interface that is up', () => {
    const { outcome, reason } = finding(
      judge(check, { facts: { director1: { addresses: [...own, anAddress('dummy0', vip)] } } }),
    );
    expect(outcome).to.equal('warn');
    expect(reason).to.include('dummy0');
  });

  it('fails when the VIP is absent, with the command that adds it', () => {
    const inFiles = (...addresses: readonly { interface: string; address: string }[]) => {
      const file = '/etc/network/interfaces';
      const persistedNetwork = {
        files: [file],
        addresses: addresses.map((entry) => ({ ...entry, file })),
        gateways: [],
        other: [],
      };
      return finding(judge(check, { facts: { director1: { ...without, persistedNetwork } } }));
    };
    const eth0 = { interface: 'eth0', address: '192.168.122.10' };
    const { outcome, reason, remedy } = inFiles(eth0);
    expect(outcome).to.equal('fail');
    expect(reason).to.include(vip).and.not.include('no network');
    expect(inFiles(eth0, { interface: 'eth0', address: vip }).remedy, 'each boot gives it').to.not.have.property(
      'persistent',
    );
    expect(inFiles().remedy?.summary).to.include('for the next boot, by hand: no file that is known here names eth0');
    expect(remedy?.commands[0]).to.equal('ip address add 192.168.122.100/32 dev eth0');
    expect(remedy?.commands[1]).to.include('arping');
    expect(remedy?.persistent?.join(' ')).to.include('up ip address add 192.168.122.100/32 dev eth0');
    expect(remedy?.undo?.[1]).to.include('/etc/network/interfaces');
  });

  it('leaves a VIP that keepalived gives to keepalived', () => {
    const rules = { managedBy: 'keepalived' as const };
    const judgement = judge(check, { cluster: aCluster({ rules }), facts: { director1: without } });
    expect(finding(judgement).remedy).to.equal(undefined);
  });

  it('says so when the VIP lies in no network of the director', () => {
    const cluster = aClusterWith({ vip: '203.0.113.9' });
    const facts = { director1: { addresses: own, routes: [aRoute('203.0.113.9')] } };
    const { reason } = finding(judge(check, { cluster, facts }));
    expect(reason).to.include('no network of the director');
  });

  it('fails when the interface of the VIP is down', () => {
    const { outcome, reason } = finding(
      judge(check, { facts: { director1: { addresses: [...own, anAddress('eth0', vip, { up: false })] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('down');
  });

  it('warns when it is down and not where clients come in: the kernel takes the VIP all the same', () => {
    const judged = (routes: readonly RouteDecision[]) =>
      finding(
        judge(check, {
          facts: { director1: { addresses: [...own, anAddress('dummy0', vip, { up: false })], routes } },
        }),
      );
    const { outcome, reason } = judged([aRoute(vip, { outcome: 'local', interface: 'lo' })]);
    expect(outcome).to.equal('warn');
    expect(reason).to.include('dummy0, which is down; packets for it are taken all the same');
    expect(judged([aRoute(vip)]).outcome).to.equal('fail');
  });

  describe('with two directors', () => {
    const cluster = aCluster({
      directors: [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })],
    });

    it('does not apply to the one that stands by', () => {
      const judgement = judge(check, { cluster, on: 'director2', facts: { director2: without } });
      expect(judgement.outcome).to.equal('not-applicable');
      expect(judgement).to.have.property('reason').that.includes('director1');
    });

    it('fails on both when neither holds the VIP, or the other cannot be asked', () => {
      const facts = { director1: { addresses: missing('unreachable', 'no answer') }, director2: without };
      expect(judge(check, { cluster, on: 'director2', facts }).outcome).to.equal('fail');
      const neither = { director1: without, director2: without };
      expect(judge(check, { cluster, on: 'director1', facts: neither }).outcome).to.equal('fail');
      expect(judge(check, { cluster, on: 'director2', facts: neither }).outcome).to.equal('fail');
    });
  });

  it('passes with a local route in place of an address', () => {
    const facts = {
      director1: { addresses: own, routes: [aRoute(vip, { outcome: 'local' as const, interface: 'lo' })] },
    };
    expect(judge(check, { facts }).outcome).to.equal('pass');
  });

  it('does not ask an address of a service that goes by mark', () => {
    const cluster = aClusterWith({ fwmark: 7 });
    expect(judge(check, { cluster, facts: { director1: without } }).outcome).to.equal('not-applicable');
    expect(judge(check, { cluster }).outcome).to.equal('pass');
  });

  describe('on lo or a dummy interface', () => {
    const { sysctl } = factsOf(aCluster(), aDirector());
    const at = (name: string, settings: Readonly<Record<string, string>>, address = vip) =>
      judge(check, {
        cluster: aClusterWith({ vip: address }, { directors: [aDirector({ vipInterface: name })] }),
        facts: {
          director1: {
            addresses: [...own, anAddress(name, address, { prefixLength: 32 })],
            routes: [aRoute(address, { outcome: 'local', interface: 'lo' })],
            sysctl: { ...sysctl, ...settings },
          },
        },
      });

    it('passes while other interfaces answer for it', () => {
      expect(at('dummy0', {}).outcome).to.equal('pass');
      expect(at('lo', { 'net.ipv4.conf.eth0.arp_ignore': '3' }).outcome).to.equal('pass');
    });

    it('fails when the interface on its network keeps silent, by all or by its own', () => {
      for (const [key, command] of [
        ['net.ipv4.conf.eth0.arp_ignore', 'sysctl -w net.ipv4.conf.eth0.arp_ignore=0'],
        ['net.ipv4.conf.all.arp_ignore', 'ip address add 192.168.122.100/32 dev eth0'],
      ] as const) {
        const { outcome, reason, remedy } = finding(at('dummy0', { [key]: '1' }));
        expect(outcome).to.equal('fail');
        expect(reason).to.include('arp_ignore=1 in force on eth0');
        expect(remedy?.commands[0]).to.equal(command);
      }
    });

    it('passes when the VIP is in no network of the director: it is routed there', () => {
      expect(at('lo', { 'net.ipv4.conf.all.arp_ignore': '1' }, '203.0.113.9').outcome).to.equal('pass');
    });
  });

  it('fails for an IPv6 VIP that another host answered for', () => {
    const six = '2001:db8::100';
    const cluster = aClusterWith({ vip: six });
    const entry = anAddress('eth0', six, { prefixLength: 128, flags: ['tentative', 'dadfailed'] });
    const { outcome, reason, remedy } = finding(
      judge(check, { cluster, facts: { director1: { addresses: [...own, entry] } } }),
    );
    expect(outcome).to.equal('fail');
    expect(reason).to.include('dadfailed');
    expect(remedy?.commands[1]).to.include('nodad');
  });
});

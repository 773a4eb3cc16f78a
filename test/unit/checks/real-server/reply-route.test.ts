import { expect } from 'chai';
import { replyRoute } from '../../../../checks/real-server/reply-route.ts';
import { missing, type RouteDecision } from '../../../../lib/model/facts.ts';
import { aClient, aCluster, aClusterWith, aDirector, cip, dip, vip } from '../../../builders.ts';
import { anAddress, aRoute, type FactChanges } from '../../../host-facts.ts';
import { finding, judge, quoted } from '../../../judgement.ts';

const when = (change: Partial<RouteDecision>, director: FactChanges = {}) =>
  judge(replyRoute, { on: 'rs2', facts: { rs2: { routes: [aRoute(cip, change)] }, director1: director } });

describe('real-server/reply-route', () => {
  it('passes through the DIP', () => {
    const judgement = judge(replyRoute, { on: 'rs2' });
    expect(judgement).to.deep.include({ outcome: 'pass', found: { [cip]: `via ${dip} dev eth0` } });
  });

  it('passes through another address of the director, as a floating one', () => {
    const addresses = [anAddress('eth1', dip), anAddress('eth1', '10.10.10.254', { prefixLength: 32 })];
    expect(when({ gateway: '10.10.10.254' }, { addresses }).outcome).to.equal('pass');
  });

  it('fails through another gateway, with evidence, remedy and undo', () => {
    const judgement = when({ gateway: '10.10.10.254' });
    const { outcome, reason, remedy, found, expected } = finding(judgement);
    expect(outcome).to.equal('fail');
    expect(reason).to.include('rs2').and.include('client1').and.include('10.10.10.254').and.include(dip);
    expect(found).to.deep.equal({ [cip]: 'via 10.10.10.254 dev eth0' });
    expect(expected).to.deep.equal({ [cip]: `via ${dip}` });
    expect(quoted(judgement)).to.equal(`rs2: ${cip} via 10.10.10.254 dev eth0`);
    expect(remedy?.host).to.equal('rs2');
    expect(remedy?.commands).to.deep.equal([`ip route replace default via ${dip}`]);
    expect(remedy?.persistent).to.have.length(1);
    expect(remedy?.persistent?.[0]).to.include(`up ip route replace default via ${dip} dev eth0`);
    expect(remedy?.undo?.[0]).to.equal('ip route replace default via 10.10.10.254 dev eth0');
    expect(remedy?.undo?.[1]).to.include('/etc/network/interfaces');
  });

  it('tells a default route that is wrong from a more specific one that leads past the director', () => {
    const rip = '10.10.10.20';
    const elsewhere = (gateway: string) => {
      const routes = [aRoute(cip, { gateway: '10.10.10.254' }), aRoute('192.0.2.0', { from: rip, gateway })];
      return finding(judge(replyRoute, { on: 'rs2', facts: { rs2: { routes } } }));
    };
    expect(elsewhere('10.10.10.254').faults).to.deep.equal(['nat-rs-gateway-not-director']);
    const bypass = elsewhere(dip);
    expect(bypass.faults).to.deep.equal(['nat-rs-bypass-route']);
    expect(bypass.remedy?.commands).to.deep.equal([`ip route replace ${cip}/32 via ${dip}`]);
    expect(bypass.remedy?.persistent?.join('\n')).to.include(`up ip route replace ${cip}/32 via ${dip} dev eth0`);
    expect(bypass.remedy?.undo?.[0]).to.equal(`ip route del ${cip}/32 via ${dip}`);
    expect(finding(when({ gateway: '10.10.10.254' })).faults, 'not asked').to.have.length(2);
  });

  it('fails without a way, and undoes by deleting', () => {
    const route: RouteDecision = { destination: cip, outcome: 'unreachable' };
    const judgement = judge(replyRoute, { on: 'rs2', facts: { rs2: { routes: [route] } } });
    expect(finding(judgement).reason).to.include('unreachable');
    expect(finding(judgement).remedy?.undo?.[0]).to.equal(`ip route del default via ${dip}`);
  });

  it('passes where a rule sends answers from the RIP through the DIP, and the default route is elsewhere', () => {
    const rip = '10.10.10.20';
    const bySource = (gateway: string, plain: string) =>
      judge(replyRoute, {
        on: 'rs2',
        facts: { rs2: { routes: [aRoute(cip, { gateway: plain }), aRoute(cip, { from: rip, gateway })] } },
      });
    expect(bySource(dip, '10.10.10.254').outcome).to.equal('pass');
    expect(bySource('10.10.10.254', dip).outcome, 'and the other way round').to.equal('fail');
  });

  it('fails for a client on link, for its own reason', () => {
    const { outcome, reason, remedy } = finding(when({}));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('directly on eth0, past the director');
    expect(remedy?.commands[1]).to.equal(`ip route replace ${cip}/32 via ${dip}`);
    expect(remedy?.persistent?.join('\n'))
      .to.include('all.accept_redirects=0')
      .and.include(`up ip route replace ${cip}/32`);
    expect(remedy?.undo?.[1]).to.match(/^sysctl -w net\.ipv4\.conf\.all\.accept_redirects=\d$/);
  });

  it('fails for a client that is the real server itself, without a remedy', () => {
    const { reason, remedy } = finding(when({ outcome: 'local' }));
    expect(reason).to.include('has the address of client1');
    expect(remedy).to.equal(undefined);
  });

  it('passes for a client that is the director', () => {
    const addresses = [anAddress('eth1', dip), anAddress('eth1', cip)];
    expect(when({}, { addresses }).outcome).to.equal('pass');
  });

  it('only warns where the director may masquerade', () => {
    const sysctl = { 'net.ipv4.vs.conntrack': '1' };
    const { outcome, reason } = finding(when({ gateway: '10.10.10.254' }, { sysctl }));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('masquerades');
    expect(when({ gateway: dip }, { sysctl }).outcome).to.equal('pass');
  });

  it('judges every client', () => {
    const cluster = aCluster({ clients: [aClient(), aClient({ name: 'client2', cip: '172.16.0.9' })] });
    const routes = [
      aRoute(cip, { gateway: dip }),
      aRoute('172.16.0.9', { gateway: '10.10.10.253', interface: 'eth9' }),
    ];
    const { reason } = finding(judge(replyRoute, { cluster, on: 'rs2', facts: { rs2: { routes } } }));
    expect(reason).to.include('client2 (172.16.0.9)');
  });

  it('fails through the standby where another director has the VIP', () => {
    const directors = [aDirector(), aDirector({ name: 'director2', host: 'lb2', dip: '10.10.10.2' })];
    const ask = (gateway: string, standby: FactChanges = {}) =>
      judge(replyRoute, {
        cluster: aCluster({ directors }),
        on: 'rs2',
        facts: {
          rs2: { routes: [aRoute(cip, { gateway })] },
          director1: { addresses: [anAddress('eth1', dip)], ...standby },
          director2: {
            addresses: [
              anAddress('eth1', '10.10.10.2'),
              anAddress('eth1', '10.10.10.254', { prefixLength: 32 }),
              anAddress('eth0', vip, { prefixLength: 32 }),
            ],
          },
        },
      });
    const { outcome, reason, remedy } = finding(ask(dip));
    expect(outcome).to.equal('fail');
    expect(reason).to.include(`through director1 (${dip}), and director2 has the VIP ${vip}`);
    expect(remedy?.commands).to.deep.equal(['ip route replace default via 10.10.10.2']);
    expect(ask('10.10.10.2').outcome).to.equal('pass');
    expect(ask('10.10.10.254').outcome, 'an address that moves with the VIP').to.equal('pass');
    const both = { addresses: [anAddress('eth1', dip), anAddress('eth0', vip, { prefixLength: 32 })] };
    expect(ask(dip, both).outcome, 'both have it').to.equal('pass');
    expect(ask(dip, { addresses: missing('unreachable', 'x') }).outcome, 'nobody knows').to.equal('pass');
  });

  it('cannot tell without a decision for the client, or which gateway is whose', () => {
    expect(judge(replyRoute, { on: 'rs2', facts: { rs2: { routes: [] } } }).outcome).to.equal('error');
    const silent = { addresses: missing('unreachable', 'director1 does not answer') };
    expect(when({ gateway: '10.10.10.254' }, silent).outcome).to.equal('error');
    expect(when({ gateway: dip }, silent).outcome, 'the DIP is declared').to.equal('pass');
  });

  it('does not apply to DR and TUN, nor without clients', () => {
    for (const forwarding of ['dr', 'tun'] as const) {
      expect(judge(replyRoute, { cluster: aClusterWith({ forwarding }) }).outcome).to.equal('not-applicable');
    }
    expect(judge(replyRoute, { cluster: aCluster({ clients: [] }) }).outcome).to.equal('not-applicable');
  });
});

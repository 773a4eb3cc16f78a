import { expect } from 'chai';
import { rules } from '../../../../checks/virtual-service/rules.ts';
import type { FaultId } from '../../../../lib/model/fault-id.ts';
import type { IpvsDestination, IpvsService } from '../../../../lib/model/facts.ts';
import { aCluster, aClusterWith, hostNamed, vip } from '../../../builders.ts';
import { factsOf } from '../../../host-facts.ts';
import { finding, judge } from '../../../judgement.ts';

const cluster = aCluster();
const [healthy] = factsOf(cluster, hostNamed(cluster, 'director1')).ipvsRules.services;
if (healthy === undefined) throw new Error('the healthy cluster has a service');

const when = (...services: readonly IpvsService[]) =>
  judge(rules, { facts: { director1: { ipvsRules: { services } } } });
const changed = (change: Partial<IpvsService>) => when({ ...healthy, ...change });
const second = (change: Partial<IpvsDestination>) =>
  changed({ destinations: healthy.destinations.map((one, index) => (index === 1 ? { ...one, ...change } : one)) });

describe('virtual-service/rules', () => {
  it('passes when the kernel has what was declared, in any order, beside other services', () => {
    const others = { ...healthy, port: 443 };
    expect(when(others, { ...healthy, destinations: [...healthy.destinations].reverse() }).outcome).to.equal('pass');
  });

  it('is judged with the rules in place', () => {
    expect(rules.stage).to.equal('post');
  });

  it('fails when the service is absent, with the commands that make it', () => {
    const { outcome, reason, remedy } = finding(when({ ...healthy, protocol: 'udp' }));
    expect(outcome).to.equal('fail');
    expect(reason).to.include('director1').and.include(`tcp ${vip}:80`);
    expect(remedy?.commands).to.deep.equal([
      'ipvsadm -A -t 192.168.122.100:80 -s rr',
      'ipvsadm -a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1',
      'ipvsadm -a -t 192.168.122.100:80 -r 10.10.10.20:80 -m -w 1',
      'ipvsadm -a -t 192.168.122.100:80 -r 10.10.10.30:80 -m -w 1',
    ]);
    expect(remedy?.undo).to.deep.equal(['ipvsadm -D -t 192.168.122.100:80']);
  });

  const differences: readonly (readonly [string, () => ReturnType<typeof when>, string, readonly FaultId[]])[] = [
    ['scheduler', () => changed({ scheduler: 'wlc' }), 'scheduler wlc in place of rr', []],
    ['persistence', () => changed({ persistenceS: 300 }), 'persistence 300 s in place of 0 s', []],
    ['weight', () => second({ weight: 0 }), 'weight 0 in place of 1 for rs2', ['weight-zero']],
    [
      'forwarding method',
      () => second({ forwarding: 'dr' }),
      'forwarding dr in place of nat to rs2',
      ['forwarding-method-mismatch'],
    ],
    [
      'port',
      () => second({ port: 8080 }),
      'no destination rs2 (10.10.10.20:80) and a destination 10.10.10.20:8080 nobody declared',
      ['wrong-rip-or-port'],
    ],
    ['missing destination', () => changed({ destinations: healthy.destinations.slice(1) }), 'no destination rs1', []],
  ];
  for (const [what, ask, text, named] of differences) {
    it(`fails for another ${what}`, () => {
      const { outcome, reason, faults } = finding(ask());
      expect(outcome).to.equal('fail');
      expect(reason).to.include(text);
      expect(faults).to.deep.equal(named);
    });
  }

  it('declares persistence in the commands', () => {
    const judgement = judge(rules, {
      cluster: aClusterWith({ persistenceS: 120, protocol: 'udp', forwarding: 'dr' }),
      facts: { director1: { ipvsRules: { services: [] } } },
    });
    expect(finding(judgement).remedy?.commands[0]).to.equal('ipvsadm -A -u 192.168.122.100:80 -s rr -p 120');
    expect(finding(judgement).remedy?.commands[1]).to.include(' -g -w 1');
  });

  describe('of a firewall mark', () => {
    const marked = aClusterWith({ fwmark: 7 });
    const rule: IpvsService = {
      ...healthy,
      protocol: 'fwmark',
      address: '',
      port: 0,
      fwmark: 7,
      destinations: healthy.destinations.map((one) => ({ ...one, port: 0 })),
    };
    const found = (...services: readonly IpvsService[]) =>
      judge(rules, { cluster: marked, facts: { director1: { ipvsRules: { services } } } });

    it('is found by its mark, whether or not the port is written out', () => {
      expect(found(healthy, rule).outcome).to.equal('pass');
      expect(found({ ...rule, destinations: healthy.destinations }).outcome).to.equal('pass');
    });

    it('is another one for IPv6', () => {
      const { reason, remedy } = finding(found({ ...rule, extra: ['-6'] }));
      expect(reason).to.equal('director1 has no virtual service fwmark 7');
      expect(remedy?.commands.slice(0, 2)).to.deep.equal([
        'ipvsadm -A -f 7 -s rr',
        'ipvsadm -a -f 7 -r 10.10.10.10:0 -m -w 1',
      ]);
    });
  });

  it('judges what else is declared of a rule, and only that', () => {
    const declared = aClusterWith({ protocol: 'udp', scheduler: 'sh', schedulerFlags: ['sh-port'], onePacket: true });
    const [service] = declared.virtualServices;
    const thresholds = { upper: 100, lower: 80 };
    const destinations = service?.destinations.map((one, index) => (index === 0 ? { ...one, thresholds } : one)) ?? [];
    const cluster = aClusterWith({ ...service, destinations });
    const found = (change: Partial<IpvsService>, ...limits: string[]) => {
      const [first, ...others] = healthy.destinations.map((one) => ({ ...one, extra: limits }));
      const live: IpvsService = {
        ...healthy,
        protocol: 'udp',
        scheduler: 'sh',
        destinations: [...(first ? [first] : []), ...others],
        ...change,
      };
      return judge(rules, { cluster, facts: { director1: { ipvsRules: { services: [live] } } } });
    };
    // The thresholds of the others are not declared.
    expect(found({ extra: ['--ops', '-b', 'sh-port'] }, '-x', '100', '-y', '80').outcome).to.equal('pass');
    expect(finding(found({ extra: ['-b', 'sh-fallback,sh-port'] }, '-x', '50')).reason).to.equal(
      'director1 has udp 192.168.122.100:80 otherwise than declared: scheduler flags sh-fallback,sh-port in place of sh-port, ' +
        'one-packet mode off in place of on and thresholds 50/0 in place of 100/80 for rs1 (10.10.10.10:80)',
    );
  });
});

import { expect } from 'chai';

import { icmpFilter } from '../../../../checks/director/icmp-filter.ts';
import { finding, judge } from '../../../judgement.ts';
import { dr, ip6tables, iptables, on, sixCluster, tun, vip } from '../../../packet-filter.ts';

describe('director/icmp-filter', () => {
  it('passes an open filter, and one that accepts the message', () => {
    expect(judge(icmpFilter, { cluster: dr }).outcome).to.equal('pass');
    const open = iptables('filter', '-P INPUT DROP', '-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT');
    expect(on(icmpFilter, dr, open).outcome).to.equal('pass');
  });

  it('warns when it is dropped, by type or as a whole', () => {
    const { outcome, reason, remedy } = finding(on(icmpFilter, tun, iptables('filter', '-A INPUT -p icmp -j DROP')));
    expect(outcome).to.equal('warn');
    expect(reason).to.include('fragmentation needed').and.include('hang');
    expect(remedy?.commands).to.deep.equal([`iptables -I INPUT 1 -d ${vip} -p icmp --icmp-type 3 -j ACCEPT`]);
    const six = finding(on(icmpFilter, sixCluster(), ip6tables('-A INPUT -p ipv6-icmp -j DROP')));
    expect(six.reason).to.include('packet too big');
    expect(six.remedy?.commands[0]).to.equal(
      'ip6tables -I INPUT 1 -d fd00:122::100 -p ipv6-icmp --icmpv6-type 2 -j ACCEPT',
    );
  });

  it('does not count RELATED, and says nothing of NAT', () => {
    expect(
      on(icmpFilter, dr, iptables('filter', '-P INPUT DROP', '-A INPUT -m conntrack --ctstate RELATED -j ACCEPT'))
        .outcome,
    ).to.equal('warn');
    expect(judge(icmpFilter).outcome).to.equal('not-applicable');
  });
});

import { expect } from 'chai';

import { firewallMark } from '../../../../checks/director/firewall-mark.ts';
import { aClusterWith } from '../../../builders.ts';
import { finding } from '../../../judgement.ts';
import { iptables, nat, on, vip } from '../../../packet-filter.ts';

describe('director/firewall-mark', () => {
  const marked = aClusterWith({ fwmark: 80 });
  const rule = (mark: string, more = `-d ${vip} -p tcp -m tcp --dport 80`) =>
    iptables('mangle', `-A PREROUTING ${more} -j MARK --set-xmark ${mark}`);

  it('passes when the mark is given, also in parts', () => {
    expect(on(firewallMark, marked, rule('0x50/0xffffffff')).outcome).to.equal('pass');
    const parts = iptables(
      'mangle',
      '-A PREROUTING -p tcp -j MARK --set-xmark 0x10/0x10',
      '-A PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x40/0xf0',
      '-A PREROUTING -p tcp -j MARK --set-xmark 0x10/0x10',
    );
    expect(on(firewallMark, marked, parts).outcome).to.equal('pass');
  });

  it('fails without one, names hexadecimal taken for decimal, and the rule that marks others', () => {
    const none = finding(on(firewallMark, marked, iptables('mangle')));
    expect(none.reason).to.include('no mark').and.include('80 (0x50)');
    expect(none.remedy?.commands[0]).to.include('--set-mark 80');
    expect(finding(on(firewallMark, marked, rule('0x80/0xffffffff'))).reason).to.include(
      'hexadecimal was taken for decimal',
    );
    const other = rule('0x50/0xffffffff', `-d ${vip} -p tcp -m tcp --dport 443`);
    expect(finding(on(firewallMark, marked, other)).reason).to.include('gives that mark to other packets');
  });

  it('cannot tell past conditions nobody knows, and says nothing of services by address', () => {
    const unsure = rule('0x50/0xffffffff', '-m set --match-set vips dst');
    expect(on(firewallMark, marked, unsure).outcome).to.equal('error');
    expect(on(firewallMark, nat, rule('0x50')).outcome).to.equal('not-applicable');
  });
});

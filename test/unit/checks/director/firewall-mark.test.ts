import { expect } from 'chai';

import { firewallMark } from '../../../../checks/director/firewall-mark.ts';
import { parseFirewall } from '../../../../lib/parse/firewall.ts';
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

  it('follows marks of connections, as iptables and as nft have them', () => {
    const to = `-d ${vip} -p tcp -m tcp --dport 80`;
    const restore = '-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff';
    const save = '-A PREROUTING -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff';
    const given = `-A PREROUTING ${to} -j CONNMARK --set-xmark 0x50/0xffffffff`;
    const asked = (...lines: readonly string[]) => on(firewallMark, marked, iptables('mangle', ...lines));
    expect(asked(given, restore).outcome).to.equal('pass');
    // Restored, given where it is new, saved: the usual three.
    const fresh = `-A PREROUTING ${to} -m conntrack --ctstate NEW -j MARK --set-xmark 0x50/0xffffffff`;
    expect(asked(restore, fresh, save).outcome).to.equal('pass');
    expect(asked(given.replace('0x50', '0x51'), restore).outcome).to.equal('fail');
    expect(asked(given).outcome, 'never restored').to.equal('fail');
    const unseen = asked(restore);
    expect(unseen.outcome).to.equal('error');
    expect(unseen).to.have.property('reason').that.includes('mark of their connection');

    const match = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: vip } };
    const mark = (key: object, value: unknown) => ({ mangle: { key, value } });
    const [meta, ct] = [{ meta: { key: 'mark' } }, { ct: { key: 'mark' } }];
    const nft = (...rules: readonly (readonly object[])[]) => {
      const place = { family: 'inet', table: 'marks' };
      const chain = { ...place, name: 'pre', type: 'filter', hook: 'prerouting', prio: -150, policy: 'accept' };
      const entries = [{ chain }, ...rules.map((expr) => ({ rule: { ...place, chain: 'pre', expr } }))];
      return parseFirewall({ nft: JSON.stringify({ nftables: entries }), iptables: [] });
    };
    expect(on(firewallMark, marked, nft([match, mark(ct, 80)], [mark(meta, ct)])).outcome).to.equal('pass');
    expect(on(firewallMark, marked, nft([mark(meta, ct)])).outcome).to.equal('error');
    const usual = nft([mark(meta, ct)], [match, mark(meta, 80)], [mark(ct, meta)]);
    expect(on(firewallMark, marked, usual).outcome).to.equal('pass');
  });

  it('cannot tell past conditions nobody knows, and says nothing of services by address', () => {
    const unsure = rule('0x50/0xffffffff', '-m set --match-set vips dst');
    expect(on(firewallMark, marked, unsure).outcome).to.equal('error');
    expect(on(firewallMark, nat, rule('0x50')).outcome).to.equal('not-applicable');
  });
});

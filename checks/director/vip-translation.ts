import { endpoint, isIpv6 } from '../address.ts';
import { packetsThrough, trackingOf } from '../director-packets.ts';
import { policyEvidence } from '../firewall-evidence.ts';
import { quote } from '../quotation.ts';
import { takenBefore } from '../redirection.ts';
import { saveIptables } from '../remedies.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { AddressTranslation } from '../../lib/model/facts.ts';
import type { Evidence, Remedy } from '../../lib/model/evidence.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/** PREROUTING comes before LOCAL_IN, where IPVS waits: what DNAT or REDIRECT rewrites there is not for the VIP any more. */
export const vipTranslation = defineCheck({
  id: 'director/vip-translation',
  title: 'No address translation takes the VIP before IPVS',
  failureTitle: 'Address translation takes the VIP before IPVS',
  sees: ['dnat-rule-steals-vip'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall', 'sysctl', 'routes'],
  doc: {
    why:
      'A DNAT or REDIRECT rule in PREROUTING, as docker makes for a published port, takes packets for the VIP before IPVS ' +
      'sees them. Clients are served by one server only, or time out; the connection table stays empty.',
    byHand: ['iptables-save -c -t nat', 'nft list ruleset'],
    references: ['net/netfilter/ipvs/ip_vs_core.c (ip_vs_ops4)', 'iptables-extensions(8), DNAT, REDIRECT'],
  },
  inapplicable({ service }) {
    return service.fwmark === undefined
      ? undefined
      : `${service.name} goes by mark ${service.fwmark}, and a packet keeps its mark whatever address it is given`;
  },
  evaluate({ firewall, sysctl, routes }, subject, { evidence }) {
    const { host, service } = subject;
    const requests = packetsThrough(subject, trackingOf(sysctl), routes).transfer.filter(
      ({ hook, packet }) => hook === 'input' && packet.state === 'new',
    );
    const taken = requests.map(({ packet }) => takenBefore(firewall, { ...packet, destinationType: 'local' }));
    const name = endpoint(service.vip, service.port);
    const surely = taken.find(({ is }) => is === 'yes');
    const perhaps = taken.find(({ is }) => is === 'perhaps' || is === 'unknown');
    const [rule] = surely?.by ?? [];
    if (rule !== undefined) {
      const remedy = removal(host.name, rule, isIpv6(service.vip));
      return fail({
        reason: `${host.name} gives packets for ${name} another destination before IPVS sees them, by the rule "${rule.text}"`,
        found: { rule: rule.text, kind: rule.kind, to: rule.to ?? null, packets: rule.packets ?? null },
        expected: `no rule of PREROUTING translates ${name}`,
        evidence: [ruleQuote(evidence('firewall'), rule)],
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    if (perhaps !== undefined) {
      const texts = perhaps.by.map(({ text }) => text);
      return cannotTell(
        texts.length === 0
          ? `Whether ${host.name} translates ${name} was not looked at`
          : `Whether ${host.name} translates ${name} before IPVS sees it depends on conditions ipvet does not know: ${texts.join('; ')}`,
        perhaps.by.map((one) => ruleQuote(evidence('firewall'), one)),
        'Look whether the counter of the rule rises with load',
      );
    }
    return pass({ rules: firewall.translations?.length ?? 0 }, [policyEvidence(evidence('firewall'))]);
  },
});

/** iptables prints its rules a line each; of nftables the rule as nft(8) would say it. */
function ruleQuote(evidence: Evidence, { text }: AddressTranslation): Evidence {
  return text.startsWith('-A ') ? quote(evidence, text) : { ...evidence, output: text };
}

/** Only for a rule of a base chain of iptables: what a program made, it makes again. */
function removal(host: string, { text }: AddressTranslation, six: boolean): Remedy | undefined {
  const [, words] = /^-A (PREROUTING .*)$/.exec(text) ?? [];
  if (words === undefined || words.includes('"')) return undefined;
  const command = six ? 'ip6tables' : 'iptables';
  const rule = words.split(' ').map(shellWord).join(' ');
  return {
    host,
    summary: 'Take the rule away',
    commands: [`${command} -t nat -D ${rule}`],
    persistent: [saveIptables(command)],
    undo: [`${command} -t nat -I ${rule}`, saveIptables(command)],
  };
}

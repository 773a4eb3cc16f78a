import { endpoint } from '../address.ts';
import { packetsThrough, trackingOf } from '../director-packets.ts';
import { matchOf } from '../firewall-path.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { defineCheck, pass, warn } from '../../lib/model/check.ts';

/** IPVS takes its packets out of connection tracking, and what is not tracked is not translated. */
export const masquerade = defineCheck({
  id: 'director/masquerade',
  title: 'Source translation towards real servers takes effect',
  failureTitle: 'Source translation towards real servers has no effect',
  sees: ['vs-conntrack-off-with-snat'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall', 'sysctl', 'routes'],
  doc: {
    why:
      'Whoever adds MASQUERADE or SNAT towards the real servers wants their answers to come back through the director ' +
      'whatever their gateway is. While net.ipv4.vs.conntrack is 0 the rule never applies: the real servers see the ' +
      "client's own address and answer past the director, and clients time out in SYN_RECV.",
    byHand: ['iptables-save -c -t nat', 'nft list ruleset', 'sysctl net.ipv4.vs.conntrack'],
    references: ['Documentation/networking/ipvs-sysctl.rst (conntrack)'],
  },
  inapplicable({ service }) {
    return service.forwarding === 'nat'
      ? undefined
      : `${service.name} is ${service.forwarding.toUpperCase()}: answers do not come back through the director`;
  },
  evaluate({ firewall, sysctl, routes }, subject, { evidence }) {
    const { host, service } = subject;
    const tracking = trackingOf(sysctl);
    const onward = packetsThrough(subject, tracking, routes).transfer.filter(({ hook }) => hook === 'output');
    const rule = (firewall.translations ?? []).find(
      (one) =>
        one.hook === 'postrouting' &&
        (one.kind === 'snat' || one.kind === 'masquerade') &&
        onward.some(({ packet }) => matchOf(one, packet) === 'yes'),
    );
    const conntrack = tracking.kept ? '1' : '0';
    const found = { 'net.ipv4.vs.conntrack': conntrack, rule: rule?.text ?? null };
    const shown = quote(evidence('sysctl'), 'net.ipv4.vs.conntrack');
    if (rule === undefined || tracking.kept) return pass(found, [shown]);
    const text = rule.text.startsWith('-A ')
      ? quote(evidence('firewall'), rule.text)
      : { ...evidence('firewall'), output: rule.text };
    return warn({
      reason:
        `${host.name} has the rule "${rule.text}" for requests to the real servers of ${endpoint(service.vip, service.port)}, ` +
        'which does nothing while net.ipv4.vs.conntrack is 0',
      found: { ...found, packets: rule.packets ?? null },
      expected: 'net.ipv4.vs.conntrack is 1 where the source of requests is to be translated',
      evidence: [text, shown],
      remedy: setSysctl(host.name, 'Let IPVS keep its connections in conntrack', 'net.ipv4.vs.conntrack', '1', '0'),
    });
  },
});

import { endpoint, isIpv6 } from '../address.ts';
import { packetsThrough, trackingOf } from '../director-packets.ts';
import { matchOf } from '../firewall-path.ts';
import { saveIptables } from '../remedies.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Evidence, Remedy } from '../../lib/model/evidence.ts';
import type { PacketMark } from '../../lib/model/facts.ts';

/** A service by mark takes the packets that PREROUTING marked; `ipvsadm -f` counts in decimal, iptables prints hexadecimal. */
export const firewallMark = defineCheck({
  id: 'director/firewall-mark',
  title: "Packets for the VIP get the service's mark",
  failureTitle: "Packets for the VIP do not get the service's mark",
  sees: ['fwmark-not-set'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director-service',
  requires: ['firewall', 'sysctl', 'routes'],
  doc: {
    why:
      'A service that goes by a mark sees no packet unless a rule in mangle PREROUTING gives that mark to packets for the ' +
      'VIP. Without it the director itself answers with RST: clients are refused, and the connection table stays empty.',
    byHand: ['ipvsadm -Ln', 'iptables-save -c -t mangle', 'nft list ruleset'],
    references: ['ipvsadm(8), --fwmark-service', 'iptables-extensions(8), MARK'],
  },
  inapplicable({ service }) {
    return service.fwmark === undefined ? `${service.name} goes by its address, not by a mark` : undefined;
  },
  evaluate({ firewall, sysctl, routes }, subject, { evidence }) {
    const { host, service } = subject;
    const { fwmark } = service;
    if (fwmark === undefined) return notApplicable(`${service.name} goes by its address, not by a mark`);
    if (firewall.marks === undefined) {
      return cannotTell(`Which marks ${host.name} gives was not looked at`, [evidence('firewall')]);
    }
    const request = packetsThrough(subject, trackingOf(sysctl), routes).transfer[0]?.packet;
    const name = endpoint(service.vip, service.port);
    const given = firewall.marks.map((rule) => ({
      rule,
      match: request === undefined ? 'perhaps' : matchOf(rule, { ...request, destinationType: 'local' }),
    }));
    const sure = given.filter(({ match }) => match === 'yes').map(({ rule }) => rule);
    const { mark, unknown } = markGiven(sure);
    const perhaps = given.filter(({ match }) => match === 'perhaps').map(({ rule }) => rule);
    const found = { mark: sure.length === 0 ? null : hex(mark), rules: sure.map(({ text }) => text) };
    if (unknown !== undefined) {
      return cannotTell(
        `Which mark ${host.name} gives to packets for ${name} depends on the mark of their connection, and no rule ipvet can see gives it: ${unknown.text}`,
        [shown(evidence('firewall'), unknown)],
        'Look at the mark of connections with load: conntrack -L -o extended; and at what else sets it (tc, a program)',
      );
    }
    if (mark === fwmark && perhaps.length === 0)
      return pass(
        found,
        sure.map((rule) => shown(evidence('firewall'), rule)),
      );
    if (perhaps.length > 0) {
      return cannotTell(
        `Which mark ${host.name} gives to packets for ${name} depends on conditions ipvet does not know: ` +
          perhaps.map(({ text }) => text).join('; '),
        perhaps.map((rule) => shown(evidence('firewall'), rule)),
        'Look whether the counter of the rule rises with load',
      );
    }
    const giving = firewall.marks.filter(({ via }) => via === undefined || via === 'connection');
    const confused = giving.find((rule) => rule.mark === Number.parseInt(String(fwmark), 16));
    const elsewhere = giving.find((rule) => rule.mark === fwmark);
    return fail({
      reason:
        `${host.name} gives packets for ${name} ` +
        (sure.length === 0 ? 'no mark' : `the mark ${mark} (${hex(mark)})`) +
        `, and ${service.name} goes by mark ${fwmark} (${hex(fwmark)})` +
        hintAt({ fwmark, confused, elsewhere }),
      found,
      expected: `a rule of PREROUTING marks packets for ${name} with ${fwmark} (${hex(fwmark)})`,
      evidence: [confused ?? elsewhere ?? sure[0]].map((rule) =>
        rule === undefined ? evidence('firewall') : shown(evidence('firewall'), rule),
      ),
      remedy: marking(host.name, service, fwmark),
    });
  },
});

function hintAt(hint: {
  readonly fwmark: number;
  readonly confused: PacketMark | undefined;
  readonly elsewhere: PacketMark | undefined;
}): string {
  if (hint.elsewhere !== undefined) return `; the rule "${hint.elsewhere.text}" gives that mark to other packets`;
  return hint.confused === undefined || hint.confused.mark === hint.fwmark
    ? ''
    : `; the rule "${hint.confused.text}" gives 0x${hint.fwmark}, which is ${hint.confused.mark}: hexadecimal was taken for decimal`;
}

/**
 * The mark of a request that meets all these rules, in order; its connection has none before. `unknown`: the rule that takes the
 * packet's mark from a connection whose mark no rule here has given.
 */
function markGiven(rules: readonly PacketMark[]): { readonly mark: number; readonly unknown?: PacketMark } {
  let packet = 0;
  let connection: number | undefined;
  let unknown: PacketMark | undefined;
  for (const rule of rules) {
    switch (rule.via) {
      case 'connection':
        connection = written(connection ?? 0, rule);
        break;
      case 'save':
        connection = written(connection ?? 0, { mark: packet, ...maskOf(rule) });
        break;
      case 'restore':
        if (connection === undefined) unknown = rule;
        else packet = written(packet, { mark: connection, ...maskOf(rule) });
        break;
      case undefined:
        packet = written(packet, rule);
        // What was restored before is written over.
        if (rule.mask === undefined) unknown = undefined;
    }
  }
  return { mark: packet, ...(unknown === undefined ? {} : { unknown }) };
}

const maskOf = ({ mask }: PacketMark): Pick<PacketMark, 'mask'> => (mask === undefined ? {} : { mask });

/** `MARK --set-xmark value/mask` clears the bits of the mask and turns those of the value round. */
function written(value: number, { mark, mask }: Pick<PacketMark, 'mark' | 'mask'>): number {
  return mask === undefined ? mark : ((value & ~mask) ^ mark) >>> 0;
}

const hex = (mark: number): string => `0x${mark.toString(16)}`;

function shown(evidence: Evidence, { text }: PacketMark): Evidence {
  const line = evidence.output.split('\n').find((one) => one.includes(text));
  return { ...evidence, output: line ?? text };
}

function marking(
  host: string,
  { vip, port, protocol }: { readonly vip: string; readonly port: number; readonly protocol: string },
  fwmark: number,
): Remedy {
  const command = isIpv6(vip) ? 'ip6tables' : 'iptables';
  const rule = `PREROUTING -d ${vip} -p ${protocol} --dport ${port} -j MARK --set-mark ${fwmark}`;
  return {
    host,
    summary: `Mark packets for the VIP with ${fwmark}`,
    commands: [`${command} -t mangle -A ${rule}`],
    persistent: [saveIptables(command)],
    undo: [`${command} -t mangle -D ${rule}`, saveIptables(command)],
  };
}

import { alone, placeOf, placeText, servesVip } from '../director-pair.ts';
import { cannotTell, defineCheck, excerpt, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { ConfLine, VrrpInstance } from '../../lib/model/facts.ts';
import type { FaultId } from '../../lib/model/fault-id.ts';

interface Weakness {
  readonly text: string;
  readonly fault: FaultId;
  readonly place: ConfLine;
}

/** The defaults, five at once and five again after 5 s, are taken for enough. */
export const gratuitousArp = defineCheck({
  id: 'ha/gratuitous-arp',
  title: 'A new master announces the VIP, more than once',
  failureTitle: 'A new master hardly announces the VIP',
  sees: ['garp-lost-after-failover', 'no-garp-after-split-brain-heal'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  inapplicable: alone,
  doc: {
    why:
      'Routers and clients send to the MAC they know until somebody announces another one. An announcement that is lost, with ' +
      'none after it, leaves them with the dead director until their entry expires; so does a partition that heals, where the ' +
      'master does not announce itself again.',
    byHand: ['grep -n garp /etc/keepalived/keepalived.conf', 'journalctl -u keepalived | grep "gratuitous ARP"'],
    references: [
      'RFC 9568, 6.4.2',
      'keepalived.conf(5), garp_master_repeat, garp_master_refresh, garp_lower_prio_repeat',
    ],
  },
  evaluate({ keepalivedConf: conf }, { cluster, host }, { evidence }) {
    const own = conf.instances.filter((instance) => servesVip(cluster, instance));
    if (own.length === 0) return notApplicable(`keepalived on ${host.name} has no VIP of the cluster file`);
    const found = Object.fromEntries(own.map(({ name, garp }) => [name, garp]));
    const weak = own.flatMap(weaknesses);
    if (weak.length > 0)
      return warn({
        reason: `${host.name}: ${weak.map(({ text, place }) => `${text} (${placeText(place)})`).join('; ')}`,
        faults: [...new Set(weak.map(({ fault }) => fault))],
        found,
        expected:
          'garp_master_repeat of 2 or more, again after garp_master_delay or by garp_master_refresh, and garp_lower_prio_repeat not 0',
        evidence: [
          excerpt(evidence('keepalivedConf'), (line) =>
            weak.some(({ place }) => line.startsWith(`${place.path}:${place.line}:`)),
          ),
        ],
      });
    const [doubt] = conf.unsure;
    if (doubt !== undefined)
      return cannotTell(`How ${host.name} announces the VIP depends on ${doubt.what} (${placeText(doubt)})`, [
        evidence('keepalivedConf'),
      ]);
    return pass(found, [evidence('keepalivedConf')]);
  },
});

/** Strict mode goes without the announcement after a partition; what it drops besides is told by ha/vip-acceptance. */
function weaknesses(instance: VrrpInstance): readonly Weakness[] {
  const { name, garp } = instance;
  const { repeat, delayMs, refreshMs, lowerPriorityRepeat } = garp;
  const at = (keyword: string) => placeOf(instance, keyword, `vrrp_${keyword}`);
  const once = repeat === 0 || (repeat === 1 && delayMs === 0);
  return [
    ...(once && refreshMs === 0
      ? [
          {
            text: `${name} announces its addresses ${repeat === 0 ? 'never' : 'once'}`,
            fault: 'garp-lost-after-failover' as const,
            place: at('garp_master_repeat'),
          },
        ]
      : []),
    ...(lowerPriorityRepeat === 0 && refreshMs === 0
      ? [
          {
            text: `${name} does not announce them again when a partition heals`,
            fault: 'no-garp-after-split-brain-heal' as const,
            place: at('garp_lower_prio_repeat'),
          },
        ]
      : []),
  ];
}

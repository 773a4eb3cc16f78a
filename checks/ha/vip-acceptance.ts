import { alone, placeOf, placeText, servesVip } from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, excerpt, fail, notApplicable, pass } from '../../lib/model/check.ts';

/** What director/firewall sees on the master now, seen on every director before a failover. */
export const vipAcceptance = defineCheck({
  id: 'ha/vip-acceptance',
  title: 'keepalived lets packets to the VIP in',
  failureTitle: 'keepalived drops packets to the VIP on the director that has it',
  sees: ['keepalived-vrrp-strict-drop'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  inapplicable: alone,
  doc: {
    why:
      'With vrrp_strict, which the sample configuration has, or no_accept, a master that is not the owner of the address drops ' +
      'every packet to it before IPVS sees one: the VIP answers ARP, and connections time out.',
    byHand: [
      'grep -nE "vrrp_strict|strict_mode|accept" /etc/keepalived/keepalived.conf',
      'nft list table ip keepalived',
    ],
    references: ['RFC 9568, 6.1 (Accept_Mode)', 'keepalived.conf(5), vrrp_strict, no_accept'],
  },
  evaluate({ keepalivedConf: conf }, { cluster, host }, { evidence }) {
    if (conf.files.length === 0) return notApplicable(`${host.name} has no keepalived.conf`);
    const own = conf.instances.filter((instance) => servesVip(cluster, instance));
    const closed = own.filter(({ accepts }) => !accepts);
    const found = Object.fromEntries(own.map(({ name, accepts, strict }) => [name, { accepts, strict }]));
    if (closed.length > 0) {
      const places = closed.map((one) => placeOf(one, 'no_accept', 'strict_mode', 'vrrp_strict'));
      return fail({
        reason: `${host.name} drops what comes for ${listed(closed.flatMap(({ addresses }) => addresses.map(({ address }) => address)))} while it is master: ${listed(closed.map((one, index) => `${one.name} ${one.strict ? 'is strict' : 'says no_accept'} (${placeText(places[index] ?? one)})`))}`,
        found,
        expected: 'no vrrp_strict, or `accept` in the instance',
        evidence: [
          excerpt(evidence('keepalivedConf'), (line) =>
            places.some(({ path, line: number }) => line.startsWith(`${path}:${number}:`)),
          ),
        ],
      });
    }
    const [doubt] = conf.unsure;
    if (doubt !== undefined)
      return cannotTell(
        `Whether ${host.name} takes packets to the VIP depends on ${doubt.what} (${placeText(doubt)})`,
        [evidence('keepalivedConf')],
      );
    if (own.length === 0) return notApplicable(`keepalived on ${host.name} has no VIP of the cluster file`);
    return pass(found, [evidence('keepalivedConf')]);
  },
});

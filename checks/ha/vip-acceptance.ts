import { entryOf, sameAddress } from '../address.ts';
import { alone, placeOf, placeText, servesVip } from '../director-pair.ts';
import { clientPorts, fateOf } from '../firewall-path.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, excerpt, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { Fact, Firewall, InterfaceAddress, VrrpInstance } from '../../lib/model/facts.ts';

/**
 * What director/firewall sees on the master now, seen on every director before a failover. keepalived puts its rules there
 * as it becomes master, so that a master's filter says whether it could; the configuration says it of a standby.
 */
export const vipAcceptance = defineCheck({
  id: 'ha/vip-acceptance',
  title: 'keepalived lets packets to the VIP in',
  failureTitle: 'keepalived drops packets to the VIP on the director that has it',
  sees: ['keepalived-vrrp-strict-drop'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['addresses', 'firewall'],
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
  evaluate({ keepalivedConf: conf }, { cluster, host }, { evidence, everyone }) {
    if (conf.files.length === 0) return notApplicable(`${host.name} has no keepalived.conf`);
    const own = conf.instances.filter((instance) => servesVip(cluster, instance));
    const closed = own.filter(({ accepts }) => !accepts);
    const found = Object.fromEntries(own.map(({ name, accepts, strict }) => [name, { accepts, strict }]));
    if (closed.length > 0) {
      const places = closed.map((one) => placeOf(one, 'no_accept', 'strict_mode', 'vrrp_strict'));
      const vips = listed(closed.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
      const because = listed(
        closed.map(
          (one, index) =>
            `${one.name} ${one.strict ? 'is strict' : 'says no_accept'} (${placeText(places[index] ?? one)})`,
        ),
      );
      const facts = everyone.get(host.name);
      const open = facts !== undefined && letsIn(cluster, closed, facts);
      const said = {
        reason: open
          ? `${host.name} should drop what comes for ${vips}, and its packet filter lets it in all the same: ${because}; keepalived could not write its rules, or was not reloaded since`
          : `${host.name} drops what comes for ${vips} while it is master: ${because}`,
        found: { ...found, ...(open ? { filter: 'lets it in' } : {}) },
        expected: 'no vrrp_strict, or `accept` in the instance',
        evidence: [
          excerpt(evidence('keepalivedConf'), (line) =>
            places.some(({ path, line: number }) => line.startsWith(`${path}:${number}:`)),
          ),
          ...(open && facts.firewall.known ? [facts.firewall.evidence] : []),
        ],
      };
      return open ? warn(said) : fail(said);
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

/** Whether it has all of these addresses now, so that the rules ought to be there, and its filter passes what comes for them. */
function letsIn(
  { virtualServices }: Cluster,
  closed: readonly VrrpInstance[],
  { addresses, firewall }: { readonly addresses: Fact<readonly InterfaceAddress[]>; readonly firewall: Fact<Firewall> },
): boolean {
  if (!addresses.known || !firewall.known) return false;
  const vips = closed.flatMap((instance) => instance.addresses.map(({ address }) => address));
  return vips.every((vip) => {
    const services = virtualServices.filter((service) => sameAddress(service.vip, vip));
    const inInterface = entryOf(addresses.value, vip)?.interface;
    if (inInterface === undefined || inInterface === 'lo') return false;
    return services.every(
      ({ protocol, port }) =>
        fateOf(firewall.value, 'input', {
          ...{ protocol, destination: vip, sourcePorts: clientPorts, destinationPorts: [port, port], inInterface },
          ...{ state: 'new', wayBack: true },
        }).kind === 'passes',
    );
  });
}

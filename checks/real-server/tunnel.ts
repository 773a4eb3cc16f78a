import { includesAddress, isIpv6, sameAddress } from '../address.ts';
import { anyAddress, fallbackOf, moduleOf, tunnelKind, tunnelsFor } from '../tunnels.ts';
import { keepLink } from '../lasting-network.ts';
import { lasting } from '../lasting-places.ts';
import { bringUp } from '../lasting-remedies.ts';
import { persistedOf } from '../persisted-network.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/** The director wraps the packet in another one to the RIP; some interface of the real server has to unwrap it. */
export const tunnel = defineCheck({
  id: 'real-server/tunnel',
  title: 'Real server takes packets out of the tunnel of the director',
  failureTitle: 'No interface of the real server takes packets out of the tunnel',
  sees: ['tun-ipip-module-missing', 'tun-interface-down', 'tun-local-address-mismatch', 'mixed-family'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'real-server-service',
  requires: ['links', 'addresses'],
  requiresOfAll: ['addresses', 'routes', 'modules', 'persistedNetwork'],
  inapplicable: ({ service: { name, forwarding } }) =>
    forwarding === 'tun' ? undefined : `${name} forwards by ${forwarding}, not through tunnels`,
  doc: {
    why:
      'Without the module the real server says "protocol unreachable", and the director passes that on: clients see "protocol ' +
      'not available" at once. With the interface down, or with ends that do not fit, it says "port unreachable", which looks ' +
      'like a closed port.',
    byHand: ['ip -d link show type ipip', 'lsmod | grep ipip', 'tcpdump -ni INTERFACE ip proto 4'],
    references: ['net/ipv4/ipip.c', 'net/ipv4/ip_tunnel.c (ip_tunnel_lookup)', 'LVS-HOWTO, LVS-Tun', 'ip-tunnel(8)'],
  },
  evaluate({ links, addresses }, { cluster, host, service }, { evidence, everyone }) {
    const kind = tunnelKind(service.vip, host.rip);
    const name = fallbackOf[kind];
    const module = moduleOf[kind];
    const tunnels = tunnelsFor(links, service.vip, host.rip);
    const found = tunnels.map((link) => ({ name: link.name, up: link.up, ...link.tunnel }));
    const expected = { kind, up: true, local: `any or ${host.rip}`, remote: 'any or the director' };
    const persisted = persistedOf(everyone.get(host.name));
    const quoted = [quote(evidence('links'), ...tunnels.map((link) => link.name))];
    if (
      !includesAddress(
        addresses.map(({ address }) => address),
        host.rip,
      )
    )
      return fail({
        reason: `${host.name} does not have ${host.rip}, to which the director sends its tunnel`,
        faults: ['tun-local-address-mismatch'],
        found: addresses.map(({ address }) => address),
        expected,
        evidence: [quote(evidence('addresses'), host.rip)],
      });
    if (tunnels.length === 0) {
      const modules = everyone.get(host.name)?.modules;
      const loaded = modules?.known === true ? modules.value.present.includes(module) : undefined;
      const because =
        loaded === false
          ? `: the module ${module} is not loaded`
          : loaded === true
            ? `, although the module ${module} is loaded: net.core.fb_tunnels_only_for_init_net keeps ${name} out of containers`
            : '';
      return fail({
        reason: `${host.name} has no interface of the kind ${kind}${because}`,
        faults: [
          ...(isIpv6(service.vip) === isIpv6(host.rip) ? [] : (['mixed-family'] as const)),
          ...(loaded === true ? [] : (['tun-ipip-module-missing'] as const)),
          ...(loaded === false ? [] : (['tun-interface-down'] as const)),
        ],
        found,
        expected,
        evidence: [evidence('links')],
        remedy: lasting(
          {
            host: host.name,
            summary: `Load ${module}, and bring up the ${name} that comes with it`,
            commands: [`modprobe ${module}`, `ip link set ${name} up`],
            persistent: [`echo ${module} > /etc/modules-load.d/${module}.conf`],
            undo: [`ip link set ${name} down`, `rm -f /etc/modules-load.d/${module}.conf`],
          },
          keepLink(persisted, name, { up: true }),
        ),
      });
    }
    const outer = cluster.directors.map((director) => {
      const facts = everyone.get(director.name);
      const way = facts?.routes.known === true ? wayTo(facts.routes.value, host.rip) : undefined;
      const own = facts?.addresses.known === true ? facts.addresses.value.map(({ address }) => address) : undefined;
      return {
        known: own !== undefined,
        addresses: [director.dip, ...(way?.source === undefined ? (own ?? []) : [way.source])],
      };
    });
    const senders = outer.flatMap((each) => each.addresses);
    const fits = ({ tunnel: ends }: (typeof tunnels)[number]) => ({
      local: anyAddress(ends?.local) || sameAddress(ends?.local ?? '', host.rip),
      remote: anyAddress(ends?.remote) || includesAddress(senders, ends?.remote ?? ''),
    });
    const fitting = tunnels.filter((link) => fits(link).local && fits(link).remote);
    if (fitting.some(({ up }) => up)) return pass(found, quoted);
    const [down] = fitting;
    if (down !== undefined)
      return fail({
        reason: `${host.name} has ${down.name}, which takes packets out of the tunnel, and it is down`,
        faults: ['tun-interface-down'],
        found,
        expected,
        evidence: quoted,
        remedy: bringUp(host.name, down.name, persisted),
      });
    if (outer.some(({ known }) => !known) && tunnels.some((link) => fits(link).local))
      return cannotTell(
        `${host.name} takes tunnels of one sender only, and whether that is the director is not known`,
        quoted,
      );
    return fail({
      reason: `${host.name} takes no packets of the director out of a tunnel: ${listed(tunnels.map(({ name: each, tunnel: ends }) => `${each} is for local ${ends?.local ?? 'any'}, remote ${ends?.remote ?? 'any'}`))}, and the director sends to ${host.rip} from ${listed([...new Set(senders)])}`,
      faults: ['tun-local-address-mismatch'],
      found,
      expected,
      evidence: quoted,
    });
  },
});

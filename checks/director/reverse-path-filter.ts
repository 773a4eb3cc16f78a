import { inPrefix, isIpv6, sameAddress } from '../address.ts';
import { greaterOf, interfaceKeys } from '../interface-setting.ts';
import { quote } from '../quotation.ts';
import { forgetSysctl, persistentSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { wayText, wayTo } from '../ways.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { Cluster, Director } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { InterfaceAddress, Sysctls } from '../../lib/model/facts.ts';
import { shellWord } from '../../lib/model/shell-word.ts';

/**
 * rp_filter asks of each packet whether its source would be answered through the interface it came in by. The value in
 * force is the greater of `all` and the interface's own; 1 is strict, 2 only asks for a way at all.
 */
export const reversePathFilter = defineCheck({
  id: 'director/reverse-path-filter',
  title: 'Reverse-path filter takes requests and answers for what they are',
  failureTitle: 'Reverse-path filter drops packets whose way back is another interface',
  sees: ['director-rp-filter'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl', 'routes', 'addresses'],
  doc: {
    why:
      'A director with several interfaces, or with rules for routes, may send to a client or a real server another way than ' +
      'it hears from it. With rp_filter=1 on the interface it hears by, requests get no connection entry, or with NAT all ' +
      'answers of a real server are lost and its entries stay in SYN_RECV. TcpExt IPReversePathFilter counts them.',
    byHand: [
      'sysctl -a --pattern "conf.*\\.rp_filter"',
      'ip route get CIP; ip route get RIP',
      'nstat -az TcpExtIPReversePathFilter',
    ],
    references: [
      'net/ipv4/fib_frontend.c (__fib_validate_source)',
      'Documentation/networking/ip-sysctl.rst (rp_filter)',
    ],
  },
  evaluate({ sysctl, routes, addresses }, { cluster, host }, { evidence }) {
    const arrivals = arrivalsOf(cluster, host, addresses);
    if (arrivals.length === 0) {
      return notApplicable(
        'Packets of IPv4 alone are filtered by rp_filter, and none arrive on an interface that is known',
      );
    }
    const judged = arrivals.map((arrival) => {
      const way = wayTo(routes, arrival.source);
      return { ...arrival, way, filter: greaterOf(sysctl, 'rp_filter', arrival.interface) };
    });
    const found = Object.fromEntries(
      judged.map(({ who, interface: name, filter, way }) => [
        who,
        `arrives on ${name} (rp_filter ${filter ?? 'not known'}), answered ${wayText(way)}`,
      ]),
    );
    const quoted = [
      quote(evidence('routes'), ...arrivals.map(({ source }) => source)),
      quote(evidence('sysctl'), ...arrivals.flatMap(({ interface: name }) => interfaceKeys('rp_filter', name))),
    ];
    const dropped = judged.filter(({ way, filter, interface: name }) => {
      if (way === undefined || filter === undefined || filter === 0 || way.outcome === 'local') return false;
      return way.outcome !== 'unicast' || (filter === 1 && way.interface !== undefined && way.interface !== name);
    });
    // Without any way a source is dropped wherever it comes in.
    const isCertain = ({ certain, way }: (typeof judged)[number]): boolean => certain || way?.outcome !== 'unicast';
    const worst = dropped.find(isCertain) ?? dropped[0];
    if (worst !== undefined) {
      const { who, interface: name, filter, way } = worst;
      const finding = {
        reason:
          `${host.name} answers ${who} ${wayText(way)}, and rp_filter=${filter} in force on ${name} drops what comes from ` +
          `there on ${name}`,
        found,
        expected:
          way?.outcome === 'unicast'
            ? 'rp_filter 0 or 2 in force, or the way back on the same interface'
            : 'a way back, or rp_filter 0',
        evidence: quoted,
        remedy: relaxed(host.name, name, sysctl, way?.outcome === 'unicast' ? '2' : '0'),
      };
      return isCertain(worst) ? fail(finding) : warn(finding);
    }
    const unknown = judged.filter(({ way, filter }) => way === undefined || filter === undefined);
    if (unknown.length > 0) {
      return cannotTell(
        `${host.name} did not say how it answers, or which rp_filter is in force, for ${listed(unknown.map(({ who }) => who))}`,
        quoted,
      );
    }
    return pass(found, quoted);
  },
});

interface Arrival {
  /** `client1 (192.0.2.1)` */
  readonly who: string;
  readonly source: string;
  readonly interface: string;
  /** Whether packets must come in there; else it is what the cluster file says of the VIP. */
  readonly certain: boolean;
}

function arrivalsOf(cluster: Cluster, host: Director, addresses: readonly InterfaceAddress[]): readonly Arrival[] {
  const onLink = (address: string, name: string): boolean =>
    addresses.some(
      (entry) => entry.interface === name && inPrefix(address, `${entry.address}/${entry.prefixLength}`) === true,
    );
  // Nobody sends to a loopback or dummy interface: the VIP there says nothing of where requests come in.
  const ingress = /^(lo|dummy)/.test(host.vipInterface) ? undefined : host.vipInterface;
  const clients = cluster.clients
    .filter(({ cip }) => !isIpv6(cip))
    .flatMap(({ name, cip }) =>
      ingress === undefined
        ? []
        : [{ who: `${name} (${cip})`, source: cip, interface: ingress, certain: onLink(cip, ingress) }],
    );
  // Answers are sent to the MAC of the DIP; those of DR and TUN do not come back to the director.
  const answering = cluster.realServers.filter(
    ({ name, rip }) =>
      !isIpv6(rip) &&
      cluster.virtualServices.some(
        ({ forwarding, destinations }) =>
          forwarding === 'nat' && destinations.some(({ realServer }) => realServer.name === name),
      ),
  );
  const realServers = answering
    .filter(({ rip }) => !addresses.some(({ address }) => sameAddress(address, rip)))
    .map(({ name, rip }) => ({
      who: `${name} (${rip})`,
      source: rip,
      interface: host.interface,
      certain: onLink(rip, host.interface),
    }));
  return [...clients, ...realServers];
}

/** Loose needs the interface alone, as the greater value counts; off needs both. */
function relaxed(host: string, name: string, sysctl: Sysctls, value: '0' | '2'): Remedy {
  const keys = interfaceKeys('rp_filter', name).slice(value === '0' ? 0 : 1);
  return {
    host,
    summary:
      value === '2' ? `Let ${name} take packets that have a way back anywhere` : `Turn rp_filter off for ${name}`,
    commands: keys.map((key) => `sysctl -w ${shellWord(`${key}=${value}`)}`),
    persistent: keys.flatMap((key) => persistentSysctl(key, value)),
    undo: keys.flatMap((key) => [`sysctl -w ${shellWord(`${key}=${sysctl[key] ?? '0'}`)}`, ...forgetSysctl(key)]),
  };
}

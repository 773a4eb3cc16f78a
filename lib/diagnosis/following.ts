/** What is missing, or there twice, because something else is wrong: the one finding follows from the other. Pure. */
import type { FaultId } from '../model/fault-id.ts';
import type { Verdict } from '../model/verdict.ts';

/** Both directors are master because adverts of the other are not taken or not understood, and that is because of how somebody is configured. */
const unlikePeers: readonly FaultId[] = [
  'vrrp-vrid-mismatch',
  'vrrp-vrid-collision',
  'vrrp-auth-mismatch',
  'vrrp-advert-int-mismatch',
  'vrrp-vip-list-mismatch',
  'vrrp-unicast-misconfig',
];

/** What is missing because something else of the same host is. */
const follows: Readonly<Partial<Record<FaultId, readonly FaultId[]>>> = {
  // The address was on the interface that the module makes.
  'tun-vip-missing': ['tun-ipip-module-missing'],
  // It is heard because its silence is set where the kernel does not look.
  'rs-arp-flux': ['rs-arp-sysctl-wrong-scope'],
  // That it differs from its peers may be well, for a host that is silent by other means.
  'rs-arp-vs-other-tools': ['rs-arp-flux', 'rs-arp-sysctl-wrong-scope', 'rs-arp-announce-leak', 'rs-vip-on-nic'],
  'vip-absent-on-director': ['vip-removed-by-network-manager', 'vrrp-fault-by-track', 'vrrp-vrid-collision'],
  'vip-on-wrong-interface-or-down': ['vip-removed-by-network-manager', 'vrrp-fault-by-track', 'vrrp-vrid-collision'],
  'vrrp-split-brain': unlikePeers,
  // Of two masters both have the gateway of the real servers too.
  'duplicate-ip': ['vrrp-split-brain', ...unlikePeers],
};

/** No director has the VIP, so that none is the one that carries what comes for it. */
export const masterless: readonly FaultId[] = [
  'vip-removed-by-network-manager',
  'vrrp-fault-by-track',
  'vrrp-wrong-interface',
];

/** What is between two directors is found on either. */
const betweenDirectors: readonly FaultId[] = [
  'vrrp-split-brain',
  'duplicate-ip',
  'vip-absent-on-director',
  'vip-on-wrong-interface-or-down',
];

/** That the fault follows from another one that was found, in a sentence. */
export function cameFirst(verdicts: readonly Verdict[], fault: FaultId, host: string): string | undefined {
  const anywhere = betweenDirectors.includes(fault);
  const first = follows[fault]?.find((one) =>
    verdicts.some(
      ({ outcome, subject, culprits = [subject.host], faults = [] }) =>
        outcome === 'fail' && (anywhere || culprits.includes(host)) && faults.includes(one),
    ),
  );
  return first === undefined ? undefined : `it follows from ${first}${anywhere ? '' : ` on ${host}`}`;
}

import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';
import { faults as backupAnswersArp } from './backup-answers-arp.ts';
import { faults as backupLacksRules } from './backup-lacks-rules.ts';
import { faults as backupNotRunning } from './backup-not-running.ts';
import { faults as clientFirewall } from './client-firewall.ts';
import { faults as clientPortExhaustion } from './client-port-exhaustion.ts';
import { faults as clockSkew } from './clock-skew.ts';
import { faults as connReuseSticky } from './conn-reuse-sticky.ts';
import { faults as directorConntrackFull } from './director-conntrack-full.ts';
import { faults as directorForwardDrop } from './director-forward-drop.ts';
import { faults as directorForwardInvalid } from './director-forward-invalid.ts';
import { faults as directorInputDrop } from './director-input-drop.ts';
import { faults as directorInvalidDropFinLeak } from './director-invalid-drop-fin-leak.ts';
import { faults as directorIpForwardOff } from './director-ip-forward-off.ts';
import { faults as directorNeighStale } from './director-neigh-stale.ts';
import { faults as directorNoRouteToRs } from './director-no-route-to-rs.ts';
import { faults as directorOutputDrop } from './director-output-drop.ts';
import { faults as directorRpFilter } from './director-rp-filter.ts';
import { faults as directorStatefulInputDr } from './director-stateful-input-dr.ts';
import { faults as dnatRuleStealsVip } from './dnat-rule-steals-vip.ts';
import { faults as dnsVipMismatch } from './dns-vip-mismatch.ts';
import { faults as drRipNotOnLink } from './dr-rip-not-on-link.ts';
import { faults as drRsGatewayIsDirector } from './dr-rs-gateway-is-director.ts';
import { faults as dropEntryDefence } from './drop-entry-defence.ts';
import { faults as dropPacketDefence } from './drop-packet-defence.ts';
import { faults as duplicateHostname } from './duplicate-hostname.ts';
import { faults as forwardingMethodMismatch } from './forwarding-method-mismatch.ts';
import { faults as fwmarkNotSet } from './fwmark-not-set.ts';
import { faults as garpLostAfterFailover } from './garp-lost-after-failover.ts';
import { faults as healthcheckAbsent } from './healthcheck-absent.ts';
import { faults as healthcheckFalseNegative } from './healthcheck-false-negative.ts';
import { faults as healthcheckFalsePositive } from './healthcheck-false-positive.ts';
import { faults as hostsFileMismatch } from './hosts-file-mismatch.ts';
import { faults as ipVsModuleMissing } from './ip-vs-module-missing.ts';
import { faults as localDestinationSurprises } from './local-destination-surprises.ts';
import { faults as multicastVlanHypervisor } from './multicast-vlan-hypervisor.ts';
import { faults as natClientSameSubnet } from './nat-client-same-subnet.ts';
import { faults as natGatewayNotFailedOver } from './nat-gateway-not-failed-over.ts';
import { faults as natRsBypassRoute } from './nat-rs-bypass-route.ts';
import { faults as natRsGatewayNotDirector } from './nat-rs-gateway-not-director.ts';
import { faults as nicMtuMismatch } from './nic-mtu-mismatch.ts';
import { faults as noGarpAfterSplitBrainHeal } from './no-garp-after-split-brain-heal.ts';
import { faults as noRealServers } from './no-real-servers.ts';
import { faults as overloadThreshold } from './overload-threshold.ts';
import { faults as pmtuIcmpDroppedAtDirector } from './pmtu-icmp-dropped-at-director.ts';
import { faults as rsAcceptQueueOverflow } from './rs-accept-queue-overflow.ts';
import { faults as rsAppHang } from './rs-app-hang.ts';
import { faults as rsArpAnnounceLeak } from './rs-arp-announce-leak.ts';
import { faults as rsArpFlux } from './rs-arp-flux.ts';
import { faults as rsArpSysctlWrongScope } from './rs-arp-sysctl-wrong-scope.ts';
import { faults as rsAsymmetricRoute } from './rs-asymmetric-route.ts';
import { faults as rsConntrackFull } from './rs-conntrack-full.ts';
import { faults as rsEgressDrop } from './rs-egress-drop.ts';
import { faults as rsFirewallDrop } from './rs-firewall-drop.ts';
import { faults as rsFirewallReject } from './rs-firewall-reject.ts';
import { faults as rsHostDown } from './rs-host-down.ts';
import { faults as rsNoDefaultRoute } from './rs-no-default-route.ts';
import { faults as rsRpFilterMultihomed } from './rs-rp-filter-multihomed.ts';
import { faults as rsServiceDown } from './rs-service-down.ts';
import { faults as rsServiceNotOnVip } from './rs-service-not-on-vip.ts';
import { faults as rsSynBacklogOverflow } from './rs-syn-backlog-overflow.ts';
import { faults as rsVipMissing } from './rs-vip-missing.ts';
import { faults as rsVipOnNic } from './rs-vip-on-nic.ts';
import { faults as rsVipWrongPrefix } from './rs-vip-wrong-prefix.ts';
import { faults as rulesNotPersistent } from './rules-not-persistent.ts';
import { faults as schedulerModuleMissing } from './scheduler-module-missing.ts';
import { faults as secureTcpActive } from './secure-tcp-active.ts';
import { faults as serviceRuleMissing } from './service-rule-missing.ts';
import { faults as sorryServerActive } from './sorry-server-active.ts';
import { faults as staleArpAtClientOrRouter } from './stale-arp-at-client-or-router.ts';
import { faults as syncDaemonMissing } from './sync-daemon-missing.ts';
import { faults as syncDirectionWrong } from './sync-direction-wrong.ts';
import { faults as syncIdMismatch } from './sync-id-mismatch.ts';
import { faults as syncThresholdGap } from './sync-threshold-gap.ts';
import { faults as syncTransportBlocked } from './sync-transport-blocked.ts';
import { faults as sysctlNotPersistent } from './sysctl-not-persistent.ts';
import { faults as timeSyncMissing } from './time-sync-missing.ts';
import { faults as timeoutsTooShort } from './timeouts-too-short.ts';
import { faults as tunInterfaceDown } from './tun-interface-down.ts';
import { faults as tunIpipModuleMissing } from './tun-ipip-module-missing.ts';
import { faults as tunMtuBlackhole } from './tun-mtu-blackhole.ts';
import { faults as tunProto4Filtered } from './tun-proto4-filtered.ts';
import { faults as tunRpFilter } from './tun-rp-filter.ts';
import { faults as tunTypeMismatch } from './tun-type-mismatch.ts';
import { faults as tunVipMissing } from './tun-vip-missing.ts';
import { faults as twoManagersFighting } from './two-managers-fighting.ts';
import { faults as unitNotEnabled } from './unit-not-enabled.ts';
import { faults as v6IcmpFiltered } from './v6-icmp-filtered.ts';
import { faults as vipAbsentOnDirector } from './vip-absent-on-director.ts';
import { faults as vipBecomesSourceAddress } from './vip-becomes-source-address.ts';
import { faults as vipOnWrongInterfaceOrDown } from './vip-on-wrong-interface-or-down.ts';
import { faults as vipRemovedByNetworkManager } from './vip-removed-by-network-manager.ts';
import { faults as vrrpAdvertIntMismatch } from './vrrp-advert-int-mismatch.ts';
import { faults as vrrpAuthMismatch } from './vrrp-auth-mismatch.ts';
import { faults as vrrpEqualPriority } from './vrrp-equal-priority.ts';
import { faults as vrrpFaultByTrack } from './vrrp-fault-by-track.ts';
import { faults as vrrpPreemptFlapping } from './vrrp-preempt-flapping.ts';
import { faults as vrrpSplitBrain } from './vrrp-split-brain.ts';
import { faults as vrrpUnicastMisconfig } from './vrrp-unicast-misconfig.ts';
import { faults as vrrpVipListMismatch } from './vrrp-vip-list-mismatch.ts';
import { faults as vrrpVridCollision } from './vrrp-vrid-collision.ts';
import { faults as vrrpVridMismatch } from './vrrp-vrid-mismatch.ts';
import { faults as vrrpWrongInterface } from './vrrp-wrong-interface.ts';
import { faults as vsConntrackOffWithSnat } from './vs-conntrack-off-with-snat.ts';
import { faults as weightMisbalance } from './weight-misbalance.ts';
import { faults as weightZero } from './weight-zero.ts';
import { faults as wrongRipOrPort } from './wrong-rip-or-port.ts';

/** Every fault the lab can inject, in the order of the catalogue, the plain way before the others. */
export const faults: readonly LabFault[] = [
  ...ipVsModuleMissing,
  ...schedulerModuleMissing,
  ...rulesNotPersistent,
  ...sysctlNotPersistent,
  ...serviceRuleMissing,
  ...forwardingMethodMismatch,
  ...wrongRipOrPort,
  ...clockSkew,
  ...timeSyncMissing,
  ...hostsFileMismatch,
  ...dnsVipMismatch,
  ...duplicateHostname,
  ...unitNotEnabled,
  ...vipAbsentOnDirector,
  ...vipOnWrongInterfaceOrDown,
  ...vipBecomesSourceAddress,
  ...directorIpForwardOff,
  ...directorRpFilter,
  ...directorNoRouteToRs,
  ...drRipNotOnLink,
  ...directorNeighStale,
  ...localDestinationSurprises,
  ...dnatRuleStealsVip,
  ...fwmarkNotSet,
  ...dropPacketDefence,
  ...dropEntryDefence,
  ...secureTcpActive,
  ...weightZero,
  ...noRealServers,
  ...overloadThreshold,
  ...rsVipMissing,
  ...rsVipWrongPrefix,
  ...rsVipOnNic,
  ...rsArpFlux,
  ...rsArpAnnounceLeak,
  ...rsArpSysctlWrongScope,
  ...natRsGatewayNotDirector,
  ...rsNoDefaultRoute,
  ...natClientSameSubnet,
  ...natRsBypassRoute,
  ...drRsGatewayIsDirector,
  ...rsRpFilterMultihomed,
  ...rsAsymmetricRoute,
  ...rsEgressDrop,
  ...rsServiceDown,
  ...rsServiceNotOnVip,
  ...rsHostDown,
  ...rsAppHang,
  ...tunIpipModuleMissing,
  ...tunInterfaceDown,
  ...tunVipMissing,
  ...tunRpFilter,
  ...tunProto4Filtered,
  ...tunTypeMismatch,
  ...tunMtuBlackhole,
  ...directorInputDrop,
  ...directorOutputDrop,
  ...directorForwardDrop,
  ...directorForwardInvalid,
  ...directorStatefulInputDr,
  ...directorInvalidDropFinLeak,
  ...pmtuIcmpDroppedAtDirector,
  ...vsConntrackOffWithSnat,
  ...directorConntrackFull,
  ...rsConntrackFull,
  ...rsFirewallDrop,
  ...rsFirewallReject,
  ...weightMisbalance,
  ...timeoutsTooShort,
  ...connReuseSticky,
  ...rsAcceptQueueOverflow,
  ...rsSynBacklogOverflow,
  ...clientPortExhaustion,
  ...nicMtuMismatch,
  ...clientFirewall,
  ...staleArpAtClientOrRouter,
  ...vrrpSplitBrain,
  ...vrrpVridMismatch,
  ...vrrpVridCollision,
  ...vrrpAuthMismatch,
  ...vrrpAdvertIntMismatch,
  ...vrrpVipListMismatch,
  ...vrrpUnicastMisconfig,
  ...vrrpWrongInterface,
  ...vrrpEqualPriority,
  ...vrrpPreemptFlapping,
  ...vrrpFaultByTrack,
  ...backupNotRunning,
  ...backupLacksRules,
  ...backupAnswersArp,
  ...garpLostAfterFailover,
  ...noGarpAfterSplitBrainHeal,
  ...vipRemovedByNetworkManager,
  ...natGatewayNotFailedOver,
  ...syncDaemonMissing,
  ...syncIdMismatch,
  ...syncTransportBlocked,
  ...syncThresholdGap,
  ...syncDirectionWrong,
  ...healthcheckFalseNegative,
  ...healthcheckFalsePositive,
  ...healthcheckAbsent,
  ...sorryServerActive,
  ...twoManagersFighting,
  ...multicastVlanHypervisor,
  ...v6IcmpFiltered,
];

/** Throws USAGE when there is none of that name. */
export function faultNamed(id: string): LabFault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  throw new IpvetError('USAGE', `there is no lab fault "${id}"`, { hint: '`ipvet lab fault list` names them' });
}

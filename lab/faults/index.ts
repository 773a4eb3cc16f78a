import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';
import { fault as directorForwardDrop } from './director-forward-drop.ts';
import { fault as directorInputDrop } from './director-input-drop.ts';
import { fault as directorIpForwardOff } from './director-ip-forward-off.ts';
import { fault as directorOutputDrop } from './director-output-drop.ts';
import { fault as directorStatefulInputDr } from './director-stateful-input-dr.ts';
import { fault as natRsGatewayNotDirector } from './nat-rs-gateway-not-director.ts';
import { fault as rsFirewallDrop } from './rs-firewall-drop.ts';
import { fault as rsFirewallReject } from './rs-firewall-reject.ts';
import { fault as rsNoDefaultRoute } from './rs-no-default-route.ts';
import { fault as rsServiceDown } from './rs-service-down.ts';
import { fault as rsServiceNotOnVip } from './rs-service-not-on-vip.ts';
import { fault as rsVipMissing } from './rs-vip-missing.ts';
import { fault as serviceRuleMissing } from './service-rule-missing.ts';
import { fault as tunInterfaceDown } from './tun-interface-down.ts';
import { fault as tunProto4Filtered } from './tun-proto4-filtered.ts';
import { fault as tunRpFilter } from './tun-rp-filter.ts';
import { fault as tunVipMissing } from './tun-vip-missing.ts';
import { fault as vipAbsentOnDirector } from './vip-absent-on-director.ts';
import { fault as weightZero } from './weight-zero.ts';

/** Every fault the lab can inject, in the order of the catalogue. */
export const faults: readonly LabFault[] = [
  serviceRuleMissing,
  vipAbsentOnDirector,
  directorIpForwardOff,
  weightZero,
  rsVipMissing,
  natRsGatewayNotDirector,
  rsNoDefaultRoute,
  rsServiceDown,
  rsServiceNotOnVip,
  tunInterfaceDown,
  tunVipMissing,
  tunRpFilter,
  tunProto4Filtered,
  directorInputDrop,
  directorOutputDrop,
  directorForwardDrop,
  directorStatefulInputDr,
  rsFirewallDrop,
  rsFirewallReject,
];

/** Throws USAGE when there is none of that id. */
export function faultNamed(id: string): LabFault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  throw new IpvetError('USAGE', `there is no lab fault "${id}"`, { hint: '`ipvet lab fault list` names them' });
}

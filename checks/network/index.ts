import { addressPersistence } from './address-persistence.ts';
import { clockOffset } from './clock-offset.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { duplicateMac } from './duplicate-mac.ts';
import { gatewayPersistence } from './gateway-persistence.ts';
import { hostname } from './hostname.ts';
import { hostsFile } from './hosts-file.ts';
import { machineId } from './machine-id.ts';
import { modulePersistence } from './module-persistence.ts';
import { mtu } from './mtu.ts';
import { nameResolution } from './name-resolution.ts';
import { peerDrift } from './peer-drift.ts';
import { selinux } from './selinux.ts';
import { selinuxDenials } from './selinux-denials.ts';
import { serviceName } from './service-name.ts';
import { sshTrust } from './ssh-trust.ts';
import { sysctlPersistence } from './sysctl-persistence.ts';
import { timeService } from './time-service.ts';
import { unitState } from './unit-state.ts';
import { vipNeighbour } from './vip-neighbour.ts';
import { vipOwner } from './vip-owner.ts';
import { conntrackTable } from './conntrack-table.ts';
import { bridgeFilter } from './bridge-filter.ts';
import { neighbourDiscovery } from './neighbour-discovery.ts';
import type { Check } from '../../lib/model/check.ts';

export const networkChecks: readonly Check[] = [
  sshTrust,
  hostname,
  hostsFile,
  clockOffset,
  timeService,
  selinux,
  selinuxDenials,
  serviceName,
  nameResolution,
  mtu,
  vipOwner,
  vipNeighbour,
  conntrackTable,
  bridgeFilter,
  neighbourDiscovery,
  sysctlPersistence,
  addressPersistence,
  gatewayPersistence,
  unitState,
  modulePersistence,
  machineId,
  duplicateAddress,
  duplicateMac,
  peerDrift,
];

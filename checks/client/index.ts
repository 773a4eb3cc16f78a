import { address } from './address.ts';
import { ephemeralPorts } from './ephemeral-ports.ts';
import { firewall } from './firewall.ts';
import { openFiles } from './open-files.ts';
import { place } from './place.ts';
import { sourcePool } from './source-pool.ts';
import { vipRoute } from './vip-route.ts';
import type { Check } from '../../lib/model/check.ts';

export const clientChecks: readonly Check[] = [
  address,
  sourcePool,
  place,
  vipRoute,
  openFiles,
  ephemeralPorts,
  firewall,
];

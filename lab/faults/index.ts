import { IpvetError } from '../../lib/errors.ts';
import type { LabFault } from './fault.ts';
import { fault as natRsGatewayNotDirector } from './nat-rs-gateway-not-director.ts';

/** Every fault the lab can inject, in the order of the catalogue. */
export const faults: readonly LabFault[] = [natRsGatewayNotDirector];

/** Throws USAGE when there is none of that id. */
export function faultNamed(id: string): LabFault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  throw new IpvetError('USAGE', `there is no lab fault "${id}"`, { hint: '`ipvet lab fault list` names them' });
}

/** Known before anything is tried: sudo would refuse it, and write down an incident. */
import { IpvetError } from '../errors.ts';
import type { Fact, Privilege } from '../model/facts.ts';

/** PERMISSION with the rules that a change would need on the host; undefined where they are there, or not known. */
export function rulesLacking(privilege: Fact<Privilege>): IpvetError | undefined {
  if (!privilege.known) return undefined;
  const { user, missing = [] } = privilege.value;
  const lacking = missing.filter(({ needed, tier }) => needed && tier !== 'traffic').map(({ command }) => command);
  if (lacking.length === 0) return undefined;
  const { host } = privilege.evidence;
  return new IpvetError(
    'PERMISSION',
    `${host}: the rules are left as they are, because sudo does not let ${user} run ${lacking.join(', ')}`,
    { host, hint: `install the rules on ${host} that this prints: ipvet doctor sudoers --host ${host}` },
  );
}

import {
  judgedElsewhere,
  lint,
  matchesOf,
  namesOf,
  placeOf,
  placeText,
  type Match,
  type Problem,
} from '../director-pair.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck } from '../../lib/model/check.ts';
import type { Fact, KeepalivedConf, VrrpInstance } from '../../lib/model/facts.ts';
import { Secret } from '../../lib/model/secret.ts';

/** keepalived takes no more of a password (auth_data of VRRPv2, RFC 2338, 5.3.10). */
const tellingCharacters = 8;

/** VRRPv3 has none, and strict mode ignores it. Passwords are compared here and shown nowhere. */
export const authentication = defineCheck({
  id: 'ha/authentication',
  title: 'Directors have the same VRRP password',
  failureTitle: 'Directors do not take adverts of each other for their password',
  sees: ['vrrp-auth-mismatch'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['keepalivedConf'],
  requiresOfAll: ['keepalivedConf'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'An advert with another password, or without one, is dropped: each director hears nobody it believes, becomes MASTER, and ' +
      'both answer for the VIP. Only the first eight characters count.',
    byHand: [
      'journalctl -u keepalived | grep "invalid passwd"',
      'grep -n -A3 authentication /etc/keepalived/keepalived.conf # on each director',
    ],
    references: ['RFC 2338, 5.3.6', 'keepalived.conf(5), auth_pass'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const judged = lint(cluster, everyone, {
      problemsOf: (sides) => matchesOf(sides).flatMap(problemsOf),
      found: (sides) =>
        Object.fromEntries(
          sides.map(({ name, conf }) => [
            name,
            Object.fromEntries(conf.instances.map((one) => [one.name, kindOf(one)])),
          ]),
        ),
      expected: 'one auth_type and one auth_pass for an instance on every director',
    });
    return judged.outcome === 'pass' &&
      cluster.directors.some(({ name }) => isWithheld(everyone.get(name)?.keepalivedConf))
      ? cannotTell(
          'The passwords of keepalived were left out of what is judged here, so nobody can say that they are the same',
          judged.evidence,
        )
      : judged;
  },
});

/** What a run keeps of a configuration, to be judged again, has no passwords. */
function isWithheld(conf: Fact<KeepalivedConf> | undefined): boolean {
  return (
    conf?.known === true &&
    conf.value.instances.some((instance) => {
      const password: unknown = used(instance)?.password;
      return password !== undefined && !(password instanceof Secret);
    })
  );
}

const used = ({ version, strict, authentication: auth }: VrrpInstance) =>
  version === 3 || strict || auth === undefined || auth.type === 'NONE' ? undefined : auth;

const kindOf = (instance: VrrpInstance): string => used(instance)?.type ?? 'none';

function problemsOf(match: Match): readonly Problem[] {
  const [first] = match.members;
  if (first === undefined) return [];
  const places = match.members.map(
    ({ side, instance }) => [side, placeOf(instance, 'auth_pass', 'authentication')] as const,
  );
  const problem = (text: string): Problem => ({
    text,
    faults: ['vrrp-auth-mismatch'],
    culprits: namesOf(match),
    lines: places,
  });
  const kinds = match.members.map(({ side, instance }) => `${side.name} ${kindOf(instance)}`);
  if (new Set(match.members.map(({ instance }) => kindOf(instance))).size > 1)
    return [problem(`auth_type of ${match.name} differs: ${listed(kinds)}`)];
  const own = used(first.instance)?.password;
  const others = match.members.filter(({ instance }) => {
    const password = used(instance)?.password;
    if (own === undefined || password === undefined) return password !== own;
    return own instanceof Secret && password instanceof Secret && !own.sameAs(password, tellingCharacters);
  });
  if (others.length === 0) return [];
  const where = places.map(([side, place]) => `${side.name}, ${placeText(place)}`);
  return [problem(`auth_pass of ${match.name} is not the same on ${listed(namesOf(match))} (${where.join('; ')})`)];
}

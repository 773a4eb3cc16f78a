import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { serviceWords } from '../../lib/model/rule-words.ts';
import { shellWord } from '../../lib/model/shell-word.ts';
import { optionWords, ruleKey, ruleOf, serviceOptions, thresholdsOf } from '../../lib/model/service-rule.ts';

/**
 * sh keeps slots of its table for a destination with weight 0, and both sh and mh for one that is over its threshold.
 * Whose address falls there is refused, unless the flag lets the scheduler look further.
 */
export const hashFallback = defineCheck({
  id: 'virtual-service/hash-fallback',
  title: 'Clients hashed to a destination that takes none go to another',
  failureTitle: 'Clients hashed to a destination that takes none are refused',
  sees: ['sh-no-fallback'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules'],
  doc: {
    why:
      'Some clients are refused every time and the others never: it depends on their address alone, and every real server that ' +
      'is asked is healthy.',
    byHand: ['ipvsadm -Sn', 'ipvsadm -Ln --thresholds', 'dmesg | grep "no destination available"'],
    references: [
      'net/netfilter/ipvs/ip_vs_sh.c (ip_vs_sh_get_fallback)',
      'net/netfilter/ipvs/ip_vs_mh.c',
      'ipvsadm(8), --sched-flags',
    ],
  },
  evaluate({ ipvsRules }, { host, service }, { evidence }) {
    const live = ipvsRules.services.find((one) => ruleKey(one) === ruleKey(ruleOf(service)));
    if (live === undefined) return notApplicable(`${host.name} has no virtual service ${ruleKey(ruleOf(service))}`);
    const { scheduler } = live;
    if (scheduler !== 'sh' && scheduler !== 'mh') {
      return notApplicable(`${service.name} is scheduled by ${scheduler}, which asks no hash`);
    }
    const options = serviceOptions(live.extra);
    const flag = `${scheduler}-fallback`;
    // ipvsadm prints flag-1 for sh-fallback and mh-fallback where it does not know the scheduler's own names.
    const falls = options.schedulerFlags.some((one) => one === flag || one === 'flag-1');
    const refusing = live.destinations.filter(
      (destination) => (scheduler === 'sh' && destination.weight === 0) || thresholdsOf(destination).upper > 0,
    );
    const found = { scheduler, flags: options.schedulerFlags };
    const quoted = [
      quote(evidence('ipvsRules'), ...(service.fwmark === undefined ? [service.vip] : [`-f ${service.fwmark}`])),
    ];
    if (falls || refusing.length === 0) return pass(found, quoted);
    const zero = refusing.filter(({ weight }) => weight === 0);
    const who = listed((zero.length > 0 ? zero : refusing).map(({ address, port }) => endpoint(address, port)));
    const schedulerFlags = [...options.schedulerFlags, flag];
    return fail({
      reason:
        `${host.name} refuses clients of ${service.name} that ${scheduler} leads to ${who}, ` +
        `${zero.length > 0 ? 'which has weight 0' : 'once a threshold is reached there'}: ${flag} is not among the flags`,
      found,
      expected: { flags: schedulerFlags },
      evidence: quoted,
      remedy: {
        host: host.name,
        summary: 'Let the scheduler look further',
        commands: [
          `ipvsadm -E ${serviceWords({ ...live, extra: optionWords({ ...options, schedulerFlags }) })
            .map(shellWord)
            .join(' ')}`,
        ],
        undo: [`ipvsadm -E ${serviceWords(live).map(shellWord).join(' ')}`],
      },
    });
  },
});

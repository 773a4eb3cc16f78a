import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import { ruleKey, ruleOf } from '../../lib/model/service-rule.ts';

const key = 'net.ipv4.vs.expire_quiescent_template';

/** A persistent client comes back by its template, which no scheduler is asked about. */
export const quiescence = defineCheck({
  id: 'virtual-service/quiescence',
  title: 'Quiesced destination of a persistent service is left by its clients',
  failureTitle: 'Quiesced destination of a persistent service keeps its clients',
  sees: ['persistence-ignores-quiesce'],
  severity: 'recommended',
  stage: 'post',
  scope: 'director-service',
  requires: ['ipvsRules', 'sysctl'],
  doc: {
    why:
      'A destination with weight 0 gets no new clients, but each that was there before comes back as long as its template lives, ' +
      'and every connection makes it live longer: the drain never ends, and a real server that was taken down fails them.',
    byHand: ['ipvsadm -Ln --persistent-conn', 'sysctl net.ipv4.vs.expire_quiescent_template'],
    references: [
      'Documentation/networking/ipvs-sysctl.rst (expire_quiescent_template)',
      'net/netfilter/ipvs/ip_vs_conn.c (ip_vs_check_template)',
    ],
  },
  evaluate({ ipvsRules, sysctl }, { host, service }, { evidence }) {
    const live = ipvsRules.services.find((one) => ruleKey(one) === ruleKey(ruleOf(service)));
    const persistent = (live?.persistenceS ?? service.persistenceS) > 0;
    if (!persistent) return notApplicable(`${service.name} is not persistent`);
    if (live === undefined) return notApplicable(`${host.name} has no virtual service ${ruleKey(ruleOf(service))}`);
    const quiesced = live.destinations.filter(({ weight }) => weight === 0);
    const value = sysctl[key];
    const found = { [key]: value ?? null, quiesced: quiesced.map(({ address, port }) => endpoint(address, port)) };
    const quoted = [
      quote(evidence('sysctl'), key),
      quote(evidence('ipvsRules'), ...quiesced.map(({ address }) => address)),
    ];
    if (quiesced.length === 0) return pass(found, quoted);
    if (value === undefined) return cannotTell(`${host.name} did not say what ${key} is`, quoted);
    if (value !== '0') return pass(found, quoted);
    return fail({
      reason: `${host.name} goes on sending persistent clients of ${service.name} to ${listed(found.quiesced)}, which has weight 0`,
      found,
      expected: { [key]: '1' },
      evidence: quoted,
      remedy: setSysctl(host.name, 'Forget the templates of quiesced destinations', key, '1', '0'),
    });
  },
});

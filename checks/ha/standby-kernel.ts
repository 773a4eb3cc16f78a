import { judgedElsewhere } from '../director-pair.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';
import type { Cluster } from '../../lib/model/cluster.ts';
import type { KernelModules } from '../../lib/model/facts.ts';

/** What IPVS goes by. Not how it is doing now: keys that a defence sets by itself, or that size something. */
const compared = /^net\.ipv4\.ip_forward$|^net\.ipv6\.conf\.all\.forwarding$|^net\.ipv4\.vs\./;
const ownAccount =
  /^net\.ipv4\.vs\.(am_droprate|amemthresh|debug_level|sync_qlen_max|sync_sock_size|est_cpulist|est_nice)$/;

/** network/peer-drift names such differences among others; these decide what the standby does once it is master. */
export const standbyKernel = defineCheck({
  id: 'ha/standby-kernel',
  title: 'Every director forwards and balances by the same kernel settings and modules',
  failureTitle: 'A director would forward or balance otherwise than another',
  sees: ['backup-lacks-rules'],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl'],
  requiresOfAll: ['sysctl', 'modules'],
  inapplicable: judgedElsewhere,
  doc: {
    why:
      'A standby without ip_forward, scheduler module or the settings of IPVS has the rules and serves nobody, or in another way, ' +
      'from the moment it takes over.',
    byHand: ['sysctl net.ipv4.ip_forward net.ipv4.vs # on each director', 'lsmod | grep ip_vs'],
    references: ['Documentation/networking/ipvs-sysctl.rst'],
  },
  evaluate(_facts, { cluster }, { everyone }) {
    const told: {
      readonly name: string;
      readonly sysctl: Readonly<Record<string, string>>;
      readonly modules?: KernelModules;
    }[] = [];
    for (const { name } of cluster.directors) {
      const facts = everyone.get(name);
      if (facts?.sysctl.known !== true)
        return cannotTell(
          `The kernel settings of ${name} are not known: ${facts?.sysctl.message ?? 'they were not asked for'}`,
          [],
        );
      told.push({ name, sysctl: facts.sysctl.value, ...(facts.modules.known ? { modules: facts.modules.value } : {}) });
    }
    const keys = [...new Set(told.flatMap(({ sysctl }) => Object.keys(sysctl)))].filter(
      (key) => isCompared(key, cluster) && told.every(({ sysctl }) => sysctl[key] !== undefined),
    );
    const differing = keys.filter((key) => new Set(told.map(({ sysctl }) => normal(sysctl[key]))).size > 1);
    const modules = missingModules(cluster, told);
    const quoted = cluster.directors.flatMap(({ name }) => {
      const fact = everyone.get(name)?.sysctl;
      return fact?.known === true ? [quote(fact.evidence, ...differing)] : [];
    });
    const found = Object.fromEntries(
      differing.map((key) => [key, Object.fromEntries(told.map(({ name, sysctl }) => [name, normal(sysctl[key])]))]),
    );
    if (differing.length === 0 && modules.length === 0) return pass({ compared: keys.length }, quoted.slice(0, 1));
    const settings = differing.map(
      (key) => `${key} is ${listed(told.map(({ name, sysctl }) => `${normal(sysctl[key])} on ${name}`))}`,
    );
    const [first] = differing;
    const reference = told[0];
    const other =
      first === undefined
        ? undefined
        : told.find(({ sysctl }) => normal(sysctl[first]) !== normal(reference?.sysctl[first]));
    return fail({
      reason: [...settings, ...modules.map(({ name, module }) => `${name} has no module ${module}`)].join('; '),
      culprits: [
        ...new Set([...modules.map(({ name }) => name), ...(differing.length > 0 ? told.map(({ name }) => name) : [])]),
      ],
      found: { ...found, ...(modules.length > 0 ? { missingModules: modules } : {}) },
      expected: 'the same on every director',
      evidence: quoted,
      // Only where it is plain who is right: forwarding that NAT needs.
      ...(first === 'net.ipv4.ip_forward' && other !== undefined && reference !== undefined
        ? {
            remedy: setSysctl(
              normal(reference.sysctl[first]) === '1' ? other.name : reference.name,
              'Let the standby forward, too',
              first,
              '1',
              '0',
            ),
          }
        : {}),
    });
  },
});

function isCompared(key: string, { virtualServices }: Cluster): boolean {
  if (!compared.test(key) || ownAccount.test(key)) return false;
  const nat = virtualServices.some(({ forwarding }) => forwarding === 'nat');
  return key.startsWith('net.ipv4.vs.') || nat;
}

const normal = (value = ''): string => value.trim().replaceAll(/\s+/g, ' ');

/** A scheduler that one director has and another does not. Where none has it, director/scheduler says so. */
function missingModules(
  { virtualServices }: Cluster,
  told: readonly { readonly name: string; readonly modules?: KernelModules }[],
): readonly { readonly name: string; readonly module: string }[] {
  const wanted = [...new Set(['ip_vs', ...virtualServices.map(({ scheduler }) => `ip_vs_${scheduler}`)])];
  return wanted.flatMap((module) => {
    const without = told.filter(({ modules }) => modules !== undefined && !modules.present.includes(module));
    return without.length === told.length ? [] : without.map(({ name }) => ({ name, module }));
  });
}

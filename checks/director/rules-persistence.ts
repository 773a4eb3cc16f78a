import { endpoint } from '../address.ts';
import { quote } from '../quotation.ts';
import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, notApplicable, pass } from '../../lib/model/check.ts';
import type { Cluster, VirtualService } from '../../lib/model/cluster.ts';
import type { Remedy } from '../../lib/model/evidence.ts';
import type { IpvsRules, IpvsService, SavedRules } from '../../lib/model/facts.ts';
import { liveDestination, ruleKey, ruleOf } from '../../lib/model/service-rule.ts';

/**
 * Rules live in the kernel alone. Who brings them back is the one the cluster file names: ipvsadm's unit, with the file
 * it loads, or keepalived. Before rules are installed for the first time there is nothing to keep.
 */
export const rulesPersistence = defineCheck({
  id: 'director/rules-persistence',
  title: 'IPVS rules come back after a reboot, as declared',
  failureTitle: 'IPVS rules are gone, or others, after the next reboot',
  sees: ['rules-not-persistent'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['savedRules', 'ipvsRules'],
  inapplicable: ({ cluster }) =>
    cluster.rules.managedBy === 'none'
      ? 'The cluster file says that nobody known here manages the rules (rules: managed_by: none)'
      : undefined,
  doc: {
    why:
      'Rules that were typed in are lost with the kernel that has them: after a reboot, or once the module is unloaded, the ' +
      'director answers every client with RST. A file that was saved long ago brings back rules of long ago.',
    byHand: [
      'ipvsadm -Sn',
      'cat /etc/ipvsadm.rules /etc/default/ipvsadm # Debian',
      'cat /etc/sysconfig/ipvsadm # RHEL',
      'systemctl is-enabled ipvsadm keepalived',
    ],
    references: ['ipvsadm-save(8)', 'ipvsadm-restore(8)', 'keepalived.conf(5)'],
  },
  evaluate({ savedRules, ipvsRules }, { cluster, host }, { evidence }) {
    const running = cluster.virtualServices.filter((one) => find(ipvsRules, one) !== undefined);
    if (savedRules.services.length === 0 && savedRules.unsure === undefined && running.length === 0)
      return notApplicable(`${host.name} has no rules of the declared services yet, neither now nor for the next boot`);
    const quoted = [
      quote(
        evidence('savedRules'),
        savedRules.file ?? '',
        ...cluster.virtualServices.map(({ vip }) => vip),
        'enabled',
        'AUTO',
      ),
    ];
    const found = {
      keeper: savedRules.keeper,
      file: savedRules.file ?? null,
      atBoot: savedRules.atBoot ?? null,
      services: savedRules.services.map((one) => ruleKey(one)),
    };
    const expected = {
      atBoot: true,
      services: cluster.virtualServices.map((service) => ruleKey(ruleOf(service))),
    };
    const remedy = remedyOf(host.name, cluster, savedRules);
    const problem = (reason: string) =>
      fail({ reason, found, expected, evidence: quoted, ...(remedy === undefined ? {} : { remedy }) });
    const wanted = cluster.rules.managedBy;
    if (savedRules.keeper === 'none')
      return problem(
        wanted === 'keepalived'
          ? `${host.name} has no /etc/keepalived/keepalived.conf, so nothing installs its rules at the next boot`
          : `${host.name} has nothing that loads IPVS rules at boot, so they are gone after the next one`,
      );
    const file = savedRules.file ?? 'its file';
    const differences = cluster.virtualServices.flatMap((service) => difference(savedRules, service));
    if (savedRules.atBoot === false)
      return problem(
        `${host.name} loads no IPVS rules at the next boot: ${savedRules.because ?? `${file} is not read`}${
          differences.length === 0 ? '' : `; and ${file} has ${listed(differences)}`
        }`,
      );
    if (differences.length > 0) {
      if (savedRules.unsure !== undefined)
        return cannotTell(
          `${host.name} may have ${listed(differences)} in ${file}, which cannot be seen whole: ${savedRules.unsure}`,
          quoted,
        );
      return problem(
        `${host.name} has ${listed(differences)} in ${file}, so the next boot brings other rules than declared`,
      );
    }
    if (savedRules.atBoot === undefined)
      return cannotTell(
        `${host.name} has its rules in ${file}, and whether the next boot reads it is not known${
          savedRules.because === undefined ? '' : `: ${savedRules.because}`
        }`,
        quoted,
        'See chkconfig or update-rc.d, or whatever starts services there',
      );
    return pass(found, quoted);
  },
});

function find({ services }: Pick<IpvsRules, 'services'>, service: VirtualService): IpvsService | undefined {
  const key = ruleKey(ruleOf(service));
  return services.find((one) => ruleKey(one) === key);
}

/** As far as both files say it: thresholds and flags are not compared. */
function difference(saved: SavedRules, service: VirtualService): readonly string[] {
  const is = find(saved, service);
  if (is === undefined) return [`no rule of ${service.name}`];
  const should = ruleOf(service, is);
  const servers = service.destinations.flatMap((destination, index) => {
    const want = should.destinations[index];
    const found = liveDestination(service, destination, is);
    const name = `${destination.realServer.name} (${endpoint(destination.realServer.rip, destination.port)})`;
    if (found === undefined) return [`no destination ${name} of ${service.name}`];
    if (want === undefined) return [];
    return [
      ...(found.forwarding === want.forwarding
        ? []
        : [`forwarding ${found.forwarding} in place of ${want.forwarding} to ${name}`]),
      ...(found.weight === want.weight ? [] : [`weight ${found.weight} in place of ${want.weight} for ${name}`]),
    ];
  });
  const surplus = is.destinations.length - service.destinations.length;
  return [
    ...(is.scheduler === should.scheduler
      ? []
      : [`scheduler ${is.scheduler} in place of ${should.scheduler} for ${service.name}`]),
    ...(is.persistenceS === should.persistenceS
      ? []
      : [`persistence ${is.persistenceS} s in place of ${should.persistenceS} s for ${service.name}`]),
    ...servers,
    ...(surplus > 0 && servers.length === 0 ? [`${surplus} more of ${service.name} than declared`] : []),
  ];
}

function remedyOf(host: string, cluster: Cluster, { keeper }: SavedRules): Remedy | undefined {
  if (cluster.rules.managedBy === 'keepalived')
    return keeper === 'none'
      ? undefined
      : {
          host,
          summary:
            'Have keepalived started at boot, with the declared services in its configuration (ipvet rules plan shows them)',
          commands: ['systemctl enable keepalived'],
          undo: ['systemctl disable keepalived'],
        };
  const summary = 'Keep the rules that are in the kernel now (ipvet rules save keeps the declared ones alone)';
  switch (keeper) {
    case 'ipvsadm-debian':
      return {
        host,
        summary,
        commands: [
          'cp -p /etc/ipvsadm.rules /etc/ipvsadm.rules.before-ipvet',
          'cp -p /etc/default/ipvsadm /etc/default/ipvsadm.before-ipvet',
          'ipvsadm-save -n > /etc/ipvsadm.rules',
          `sed -i 's/^AUTO=.*/AUTO="true"/' /etc/default/ipvsadm`,
          'systemctl enable ipvsadm',
        ],
        undo: [
          'mv /etc/ipvsadm.rules.before-ipvet /etc/ipvsadm.rules',
          'mv /etc/default/ipvsadm.before-ipvet /etc/default/ipvsadm',
        ],
      };
    case 'ipvsadm-rhel':
      return {
        host,
        summary,
        commands: [
          'if [ -e /etc/sysconfig/ipvsadm ]; then cp -p /etc/sysconfig/ipvsadm /etc/sysconfig/ipvsadm.before-ipvet; fi',
          'ipvsadm-save -n > /etc/sysconfig/ipvsadm',
          'systemctl enable ipvsadm',
        ],
        undo: [
          'systemctl disable ipvsadm',
          'rm -f /etc/sysconfig/ipvsadm',
          'if [ -e /etc/sysconfig/ipvsadm.before-ipvet ]; then mv /etc/sysconfig/ipvsadm.before-ipvet /etc/sysconfig/ipvsadm; fi',
        ],
      };
    default:
      return undefined;
  }
}

import { listed } from '../sentences.ts';
import { cannotTell, defineCheck, fail, pass } from '../../lib/model/check.ts';

/** Daemons that make IPVS rules anew as they see fit; `ipvsadm.service` does it once, at boot. */
const makers: Readonly<Record<string, string>> = {
  'keepalived.service': 'keepalived',
  'ldirectord.service': 'ldirectord',
  'kube-proxy.service': 'kube-proxy',
  'kubelet.service': 'kubelet',
  'kube-router.service': 'kube-router',
  'k3s.service': 'k3s',
};

/** keepalived without virtual servers only moves addresses, and then goes well with ipvsadm's rules. */
export const rulesKeeper = defineCheck({
  id: 'director/rules-keeper',
  title: 'IPVS rules have one keeper',
  failureTitle: 'Two programs make the IPVS rules of the director',
  sees: ['two-managers-fighting'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['savedRules'],
  requiresOfAll: ['units', 'links'],
  doc: {
    why:
      'Each takes the rules of the other for leftovers and removes them, at once or at the next boot or reload: services come ' +
      'and go, and clients are refused while they are gone.',
    byHand: [
      'systemctl is-active keepalived ldirectord kube-proxy',
      'systemctl is-enabled ipvsadm keepalived',
      'ip link show kube-ipvs0',
      'grep virtual_server /etc/keepalived/keepalived.conf',
    ],
    references: ['keepalived.conf(5) (lvs_flush)', 'ldirectord(8)', 'ipvsadm-restore(8)'],
  },
  evaluate({ savedRules }, { cluster, host }, { evidence, everyone }) {
    const own = everyone.get(host.name);
    const units = own?.units.known === true ? own.units.value.units : [];
    const active = units.filter(({ name, active: state }) => name in makers && state === 'active');
    const links = own?.links.known === true ? own.links.value : [];
    const kubernetes = links.filter(({ name }) => name === 'kube-ipvs0' || name === 'kube-dummy-if');
    const { managedBy } = cluster.rules;
    // With ipvsadm, keepalived counts only where its configuration has virtual servers, which savedRules tells.
    const daemons = active
      .map(({ name }) => makers[name] ?? name)
      .filter(
        (name) => name !== managedBy && !(name === 'keepalived' && managedBy !== 'keepalived') && name !== 'kubelet',
      );
    const others = [
      ...daemons.map((name) => `${name}, which is running`),
      ...kubernetes.map(({ name }) => `kube-proxy, which made the interface ${name}`),
      ...(savedRules.alsoAtBoot ?? []).map((what) => `${what}, at the next boot`),
    ];
    const found = { managedBy, others };
    const quoted = [evidence('savedRules'), ...(own?.units.known === true ? [own.units.evidence] : [])];
    if (others.length === 0) {
      const unseen = [own?.units, own?.links].find((fact) => fact?.known !== true && fact?.reason !== 'unsupported');
      return unseen?.known === false
        ? cannotTell(
            `Which other programs on ${host.name} make IPVS rules is not known: ${unseen.message}`,
            quoted,
            unseen.hint,
          )
        : pass(found, quoted);
    }
    const boot = (savedRules.alsoAtBoot ?? [])[0]?.split(/[ ,]/)[0];
    return fail({
      reason: `${host.name} has its IPVS rules from ${managedBy === 'none' ? 'somebody the cluster file does not name' : managedBy}, and also from ${listed(others)}`,
      found,
      expected: { managedBy, others: [] },
      evidence: quoted,
      ...(boot?.endsWith('.service') === true
        ? {
            remedy: {
              host: host.name,
              summary: `Leave the rules to one: take ${boot} out of the boot, or name it in the cluster file (rules: managed_by)`,
              commands: [`systemctl disable ${boot}`],
              undo: [`systemctl enable ${boot}`],
            },
          }
        : {}),
    });
  },
});

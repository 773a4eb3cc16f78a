import { quote } from '../quotation.ts';
import { counted, listed } from '../sentences.ts';
import { defineCheck, fail, type Finding, notApplicable, pass, warn } from '../../lib/model/check.ts';
import type { SelinuxDenial } from '../../lib/model/facts.ts';

/** Domains of what a host of the cluster lives by; a denial elsewhere is another's business. */
const domainsOf = {
  director: ['keepalived_t', 'ldirectord_t', 'ipvsadm_t'],
  'real-server': [
    'httpd_t',
    'nginx_t',
    'haproxy_t',
    'varnishd_t',
    'squid_t',
    'tomcat_t',
    'named_t',
    'ftpd_t',
    'keepalived_t',
  ],
};

/** Booleans that allow what is denied most. */
const booleans: Readonly<Record<string, string>> = {
  'httpd_t name_connect': 'httpd_can_network_connect',
  'nginx_t name_connect': 'httpd_can_network_connect',
  'haproxy_t name_connect': 'haproxy_connect_any',
  'keepalived_t name_connect': 'keepalived_connect_any',
};

export const selinuxDenials = defineCheck({
  id: 'network/selinux-denials',
  title: 'SELinux denied nothing to the service or to keepalived',
  failureTitle: 'SELinux denied something to the service or to keepalived',
  sees: ['selinux-blocks-service', 'selinux-blocks-keepalived'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['selinux', 'selinuxDenials'],
  inapplicable: ({ host }) => (host.role === 'client' ? 'A client runs neither the service nor keepalived' : undefined),
  doc: {
    why:
      'A web server that may not bind its port, read its pages or ask its backend answers 403, 503 or not at all on the one host ' +
      'whose labels differ. A check script that keepalived may not run counts as failed: healthy real servers are removed, or ' +
      'the VIP goes. Started by hand, as root, both work. Turning SELinux off is no remedy.',
    byHand: [
      'ausearch -m AVC -ts boot',
      'semanage port -l | grep http_port_t',
      'getsebool -a | grep -E "httpd|keepalived"',
    ],
    references: ['httpd_selinux(8)', 'keepalived_selinux(8)', 'ausearch(8)'],
  },
  evaluate({ selinux: { mode }, selinuxDenials: denials }, { host }, { evidence }) {
    if (mode === 'absent' || mode === 'disabled') return notApplicable(`SELinux is ${mode} on ${host.name}`);
    const domains: readonly string[] = host.role === 'client' ? [] : domainsOf[host.role];
    const denied = denials.filter(({ domain }) => domains.includes(domain));
    const found = { mode, denials: denials.length, ofInterest: [...new Set(denied.map(words))] };
    const [first] = denied;
    if (first === undefined) return pass(found, [evidence('selinuxDenials')]);
    const boolean = booleans[`${first.domain} ${first.permission}`];
    const keepalived = denied.some(({ domain }) => domainsOf.director.includes(domain));
    const finding: Finding = {
      faults: [
        ...(denied.some(({ domain }) => !domainsOf.director.includes(domain))
          ? (['selinux-blocks-service'] as const)
          : []),
        ...(keepalived ? (['selinux-blocks-keepalived'] as const) : []),
      ],
      reason: `SELinux on ${host.name} ${mode === 'enforcing' ? 'denied' : 'would deny, were it enforcing,'} ${listed(found.ofInterest.slice(0, 3))} (${counted(denied.length, 'denial')} since boot)`,
      found,
      expected: { ofInterest: [] },
      evidence: [quote(evidence('selinuxDenials'), ...new Set(denied.map(({ domain }) => domain)))],
      ...(boolean === undefined
        ? {}
        : {
            remedy: {
              host: host.name,
              summary: `Allow it by its boolean`,
              commands: [`setsebool -P ${boolean} on`],
              undo: [`setsebool -P ${boolean} off`],
            },
          }),
    };
    return mode === 'enforcing' ? fail(finding) : warn(finding);
  },
});

const words = ({ program, domain, permission, target }: SelinuxDenial): string =>
  `${program} (${domain}) ${permission} on ${target}`;

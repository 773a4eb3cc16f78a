import { defineCheck, notApplicable, pass } from '../../lib/model/check.ts';

/** Enforcing is no fault, and turning it off is no remedy: what it denies shows in the checks of what it denies. */
export const selinux = defineCheck({
  id: 'network/selinux',
  title: 'SELinux mode is known',
  failureTitle: 'SELinux mode is not known',
  sees: [],
  severity: 'recommended',
  stage: 'pre',
  scope: 'host',
  requires: ['selinux'],
  doc: {
    why:
      'An enforcing host may refuse a web server its port or keepalived its check scripts. The mode is recorded so that ' +
      'hosts which behave differently can be compared.',
    byHand: ['getenforce', 'ausearch -m AVC -ts recent'],
    references: ['selinux(8)', 'httpd_selinux(8)'],
  },
  evaluate({ selinux: { mode } }, { host }, { evidence }) {
    if (mode === 'absent') return notApplicable(`${host.name} has no SELinux`);
    return pass({ mode }, [evidence('selinux')]);
  },
});

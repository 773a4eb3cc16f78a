import { installPackage } from '../remedies.ts';
import { defineCheck, fail, pass, warn } from '../../lib/model/check.ts';

export const ipvsadm = defineCheck({
  id: 'director/ipvsadm',
  title: 'ipvsadm is installed',
  failureTitle: 'ipvsadm is not installed',
  sees: [],
  severity: 'mandatory',
  stage: 'pre',
  scope: 'director',
  requires: ['ipvsSupport'],
  doc: {
    why:
      'Rules are listed, installed and taken back with ipvsadm. Where keepalived installs them the cluster runs without it, ' +
      'but nobody can look at the table by hand.',
    byHand: ['command -v ipvsadm', 'ipvsadm --version'],
    references: ['ipvsadm(8)'],
  },
  evaluate({ ipvsSupport }, { cluster, host }, { evidence }) {
    const quoted = [evidence('ipvsSupport')];
    if (ipvsSupport.ipvsadm !== undefined) return pass({ version: ipvsSupport.ipvsadm }, quoted);
    const finding = {
      found: null,
      expected: 'ipvsadm',
      evidence: quoted,
      remedy: installPackage(host.name, 'Install ipvsadm', 'ipvsadm'),
    };
    if (cluster.rules.managedBy === 'ipvsadm') {
      return fail({ ...finding, reason: `${host.name} has no ipvsadm, so no rule can be installed there` });
    }
    return warn({ ...finding, reason: `${host.name} has no ipvsadm, so the rules cannot be looked at by hand` });
  },
});

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
  requires: ['ipvsSupport', 'packageOffer'],
  doc: {
    why:
      'Rules are listed, installed and taken back with ipvsadm. Where keepalived installs them the cluster runs without it, ' +
      'but nobody can look at the table by hand.',
    byHand: ['command -v ipvsadm', 'ipvsadm --version', 'apt-cache policy ipvsadm || dnf info ipvsadm'],
    references: ['ipvsadm(8)'],
  },
  evaluate({ ipvsSupport, packageOffer }, { cluster, host }, { evidence }) {
    const quoted = [evidence('ipvsSupport')];
    if (ipvsSupport.ipvsadm !== undefined) return pass({ version: ipvsSupport.ipvsadm }, quoted);
    const offered = packageOffer.offers['ipvsadm'];
    const finding = {
      found: { ipvsadm: null, ...(offered === undefined ? {} : { offered }) },
      expected: 'ipvsadm',
      evidence: [...quoted, evidence('packageOffer')],
      ...(offered === null ? {} : { remedy: installPackage(host.name, 'Install ipvsadm', 'ipvsadm') }),
    };
    const source =
      offered === undefined
        ? ''
        : offered === null
          ? `, and ${packageOffer.manager} offers none: a package source is missing`
          : `; ${packageOffer.manager} offers ${offered}`;
    if (cluster.rules.managedBy === 'ipvsadm') {
      return fail({ ...finding, reason: `${host.name} has no ipvsadm, so no rule can be installed there${source}` });
    }
    return warn({
      ...finding,
      reason: `${host.name} has no ipvsadm, so the rules cannot be looked at by hand${source}`,
    });
  },
});

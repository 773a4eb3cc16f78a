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
  requiresOfAll: ['packageOffer'],
  doc: {
    why:
      'Rules are listed, installed and taken back with ipvsadm. Where keepalived installs them the cluster runs without it, ' +
      'but nobody can look at the table by hand.',
    byHand: ['command -v ipvsadm', 'ipvsadm --version', 'apt-cache policy ipvsadm || dnf info ipvsadm'],
    references: ['ipvsadm(8)'],
  },
  evaluate({ ipvsSupport }, { cluster, host }, { evidence, everyone }) {
    const quoted = [evidence('ipvsSupport')];
    if (ipvsSupport.ipvsadm !== undefined) return pass({ version: ipvsSupport.ipvsadm }, quoted);
    const offer = everyone.get(host.name)?.packageOffer;
    const offered = offer?.known === true ? offer.value.offers['ipvsadm'] : undefined;
    const manager = offer?.known === true ? offer.value.manager : 'none';
    const finding = {
      found: { ipvsadm: null, ...(offered === undefined ? {} : { offered }) },
      expected: 'ipvsadm',
      evidence: offer?.known === true ? [...quoted, offer.evidence] : quoted,
      ...(offered === null ? {} : { remedy: installPackage(host.name, 'Install ipvsadm', 'ipvsadm') }),
    };
    const source =
      offered === undefined
        ? ''
        : offered === null
          ? `, and ${manager} offers none: a package source is missing`
          : `; ${manager} offers ${offered}`;
    if (cluster.rules.managedBy === 'ipvsadm') {
      return fail({ ...finding, reason: `${host.name} has no ipvsadm, so no rule can be installed there${source}` });
    }
    return warn({
      ...finding,
      reason: `${host.name} has no ipvsadm, so the rules cannot be looked at by hand${source}`,
    });
  },
});

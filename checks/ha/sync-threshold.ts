import { alone } from '../director-pair.ts';
import { quote } from '../quotation.ts';
import { setSysctl } from '../remedies.ts';
import { cannotTell, defineCheck, notApplicable, pass, warn } from '../../lib/model/check.ts';

const key = 'net.ipv4.vs.sync_threshold';
/** Of the kernel: an entry is sent with its third packet from the client, and then with every fiftieth. */
const [defaultFirst, defaultPeriod] = [3, 50];

/** The default leaves out connections that said nothing yet, and is told, not judged. */
export const syncThreshold = defineCheck({
  id: 'ha/sync-threshold',
  title: 'Connections are copied early, and again',
  failureTitle: 'Connections are copied late, or seldom',
  sees: ['sync-threshold-gap'],
  severity: 'recommended',
  stage: 'pre',
  scope: 'director',
  requires: ['sysctl', 'connectionSync'],
  inapplicable: alone,
  doc: {
    why:
      'The kernel sends a connection after so many packets of the client, and again after so many more: those that have had fewer ' +
      'are reset by a failover although the sync works. The default, 3 and 50, leaves out connections before their first request.',
    byHand: [`sysctl ${key} net.ipv4.vs.sync_refresh_period`],
    references: ['Documentation/networking/ipvs-sysctl.rst, sync_threshold'],
  },
  evaluate({ sysctl, connectionSync }, { host }, { evidence }) {
    if (connectionSync.daemons.length === 0) return notApplicable(`No sync daemon runs on ${host.name}`);
    const value = sysctl[key];
    const [first = NaN, period = NaN] = (value ?? '').trim().split(/\s+/).map(Number);
    const quoted = [quote(evidence('sysctl'), key)];
    if (value === undefined || Number.isNaN(first + period))
      return cannotTell(`${host.name} does not say ${key}`, quoted);
    const refreshed = Number(sysctl['net.ipv4.vs.sync_refresh_period'] ?? 0) > 0;
    const found = { firstSentAtPacket: first, againEvery: period };
    const late = first > defaultFirst;
    const seldom = period > defaultPeriod && !refreshed;
    if (!late && !seldom) return pass(found, quoted);
    return warn({
      reason: `${host.name} has ${key} ${first} ${period}: a connection is copied ${late ? `with packet ${first} of its client` : `again with every packet ${period}`}, and one that has had fewer is lost or stale at a failover`,
      found,
      expected: `${defaultFirst} ${defaultPeriod}, or less`,
      evidence: quoted,
      remedy: setSysctl(
        host.name,
        'Copy connections earlier',
        key,
        `${defaultFirst} ${defaultPeriod}`,
        `${first} ${period}`,
      ),
    });
  },
});

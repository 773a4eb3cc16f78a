/** What sees each fault of the catalogue. docs/faults.md is made from it; test/house/fault-coverage.test.ts holds it complete. */
import type { Check } from '../lib/model/check.ts';
import { type FaultId, faultIds } from '../lib/model/fault-id.ts';

export interface FaultSight {
  readonly fault: FaultId;
  /** Ids of the checks that fail or warn because of it. */
  readonly checks: readonly string[];
  /** Whether it is named as a cause, and has a page of its own in docs/diagnoses. */
  readonly diagnosed?: 'page' | 'named';
  /** Why nothing sees it yet. */
  readonly unseenBecause?: string;
}

const outside =
  'no host of the cluster sees what a machine between them drops; to be told from replies that leave a real server and never arrive (diagnosis under load)';

/** Why a fault is not seen by any check or diagnosis yet. A line goes away with the check that comes to see it. */
export const unseen: Readonly<Partial<Record<FaultId, string>>> = {
  'apparmor-or-systemd-sandbox':
    'what a profile or a unit forbids its program shows in its log alone; of keepalived the journal is read, for its states and adverts only',
  'dr-antispoofing': outside,
  'dr-stateful-firewall-path': outside,
  'upstream-filter': outside,
  'nat-upstream-of-vip':
    "shows as entries that have another source than the client's own address, which the sampler does not compare yet",
  'checksum-offload-broken': 'needs packets captured behind the director, and no fact holds one',
  'udp-single-flow-skew': 'needs load over UDP, which ipvet does not send yet',
  'persistence-to-dead-rs':
    'shows under load from several addresses, with a real server that died before; load comes from one address yet',
  'persistence-skew':
    "the shares of a persistent service are the clients' doing, so they are not judged, and load from many addresses is not sent yet",
  'hash-scheduler-skew':
    "the shares of a hash are the clients' doing, so they are not judged, and load from many addresses is not sent yet",
  'lc-slow-start-flood': 'shows when a real server joins under load, which is a scenario of failover',
  'lc-blackhole-rs':
    'that nothing listens there is seen (rs-service-down); that it draws more than its share is not told apart from other skew yet',
  'half-closed-timeout': 'needs connections that stay half closed for minutes under load',
  'rs-fd-or-worker-limit': 'shows on the real server under load only; its limits are not read yet',
  'conn-memory-exhaustion': 'shows under a load far above what an acceptance sends',
  'director-softirq-saturation': "needs the director's softirq time while load goes on, which is not sampled yet",
  'packet-loss-or-duplex': 'needs the counters of interfaces before and after load, which are not sampled yet',
  'bandwidth-saturation': 'needs the counters of interfaces while load goes on, which are not sampled yet',
  'asymmetric-two-directors-ecmp':
    'directors that a router shares without VRRP are not told from directors that stand in for each other yet',
  'syn-flood': 'shows as SYN_RECV entries of addresses that are no client, for which diagnosis has no rule yet',
};

/** What lib/diagnosis can name: by rules for one cause, and by what a check found. */
export interface Causes {
  readonly ofRules: readonly string[];
  readonly ofFindings: readonly string[];
  /** Those that have a page. */
  readonly pages: readonly string[];
}

/** Every fault, in the order of the catalogue. */
export function faultSights(checks: readonly Pick<Check, 'id' | 'sees'>[], causes: Causes): readonly FaultSight[] {
  return faultIds.map((fault) => {
    const because = unseen[fault];
    return {
      fault,
      checks: checks.filter(({ sees }) => sees.includes(fault)).map(({ id }) => id),
      ...(causes.pages.includes(fault)
        ? { diagnosed: 'page' as const }
        : causes.ofRules.includes(fault) || causes.ofFindings.includes(fault)
          ? { diagnosed: 'named' as const }
          : {}),
      ...(because === undefined ? {} : { unseenBecause: because }),
    };
  });
}

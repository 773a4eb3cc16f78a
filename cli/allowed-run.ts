/** A run, once it is allowed what it needs; or with `--dry-run` only what it would do. */
import { IpvetError } from '../lib/errors.ts';
import { type Tier, tiers as allTiers } from '../lib/model/tier.ts';
import { pairsOf } from '../suites/catalogue.ts';
import { catalogueFor, mustName } from './catalogue.ts';
import { type Consent, type ConsentRequest, rehearsedConsent, requireConsent } from './consent.ts';
import { type DryRun, dryRunText, printDryRun } from './dry-run.ts';
import { type GlobalOptions, prompter } from './options.ts';
import { runSession, type Wanted } from './session.ts';

type Deed = Omit<Wanted, 'allow' | 'suiteChecks'>;
export type Needs = Pick<ConsentRequest, 'tiers' | 'needed' | 'change'>;

/** Throws REFUSED (exit 5) before any host was changed. */
export async function runAllowed(deed: Deed, options: GlobalOptions, needs: Needs): Promise<void> {
  const { cluster, command } = deed;
  const { checks, suiteChecks } = await catalogueFor(cluster);
  mustName(options.skip, checks);
  if (options.dryRun) {
    const { consent, missing } = rehearsedConsent(cluster, options, needs);
    printDryRun(await rehearsed({ ...deed, suiteChecks }, options, needs, consent, missing), options);
    return;
  }
  const consent = await requireConsent(cluster, options, {
    ...needs,
    command,
    show: async () => {
      const { consent: asked, missing } = rehearsedConsent(cluster, options, needs);
      return dryRunText(await rehearsed({ ...deed, suiteChecks }, options, needs, asked, missing));
    },
  });
  await runSession({ ...deed, suiteChecks, allow: narrowed(consent, needs.tiers) }, options);
}

/** A lab allows every tier, and the run makes use of those of its command only. */
function narrowed(consent: Consent, tiers: readonly Tier[]): Consent {
  return {
    read: true,
    traffic: consent.traffic && tiers.includes('traffic'),
    change: consent.change && tiers.includes('change'),
    disrupt: consent.disrupt && tiers.includes('disrupt'),
  };
}

async function rehearsed(
  deed: Omit<Wanted, 'allow'>,
  options: GlobalOptions,
  { tiers }: Needs,
  consent: Consent,
  missing: readonly Tier[],
): Promise<DryRun> {
  const { cluster, command, stages, checks, profile, suiteChecks, rulesAsFound, services } = deed;
  const allow = narrowed(consent, tiers);
  const prompt = prompter(options);
  const { rehearse } = await import('../lib/run/rehearse.ts');
  const rehearsal = await interruptible((signal) =>
    rehearse({
      cluster,
      pairs: pairsOf(cluster, suiteChecks),
      selection: {
        allow,
        stages,
        limit: options.limit,
        skip: options.skip,
        ...(checks === undefined ? {} : { checks }),
        ...(rulesAsFound === undefined ? {} : { rulesAsFound }),
        ...(services === undefined ? {} : { services }),
      },
      signal,
      ...(profile === undefined ? {} : { profile }),
      ...(prompt === undefined ? {} : { prompt }),
    }),
  );
  return { cluster, command, tiers: allTiers.filter((tier) => allow[tier]), missing, rehearsal };
}

/** Ctrl-C ends the reading; there is nothing to put back. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    abort.abort(new IpvetError('ABORTED', `interrupted by ${signal}; nothing was changed`));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

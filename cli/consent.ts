/**
 * Consent: what a command may do to a cluster besides looking, tier by tier. Given by the cluster file (a lab), by
 * `--allow`, by `--yes`, or by the operator at the terminal, who is shown first what would be done.
 */
import { createInterface } from 'node:readline';

import { IpvetError } from '../lib/errors.ts';
import type { Cluster } from '../lib/model/cluster.ts';
import { endpoint } from '../lib/model/endpoint.ts';
import { type Tier, tiers as allTiers } from '../lib/model/tier.ts';
import type { GlobalOptions } from './options.ts';

export type Consent = Readonly<Record<Tier, boolean>>;

export interface ConsentRequest {
  /** As typed after `ipvet`: `accept`, `rules apply`. */
  readonly command: string;
  /** Every tier the command would make use of. */
  readonly tiers: readonly Tier[];
  /** Those of `tiers` without which there is nothing to do. Default: all of them. */
  readonly needed?: readonly Tier[];
  /** What the tier `change` means to the command; default: changes the rules. */
  readonly change?: string;
  /** What would be done, on which hosts, as which user: the text of `--dry-run`. Shown before the question. */
  readonly show: () => Promise<string>;
}

/**
 * What the command may do. Throws REFUSED (exit 5) before any host was changed: consent is missing and there is nobody to
 * ask, the answer was no, or a production cluster was to be disrupted; ABORTED (exit 130) for Ctrl-C at the question.
 */
export async function requireConsent(
  cluster: Cluster,
  options: GlobalOptions,
  request: ConsentRequest,
): Promise<Consent> {
  const { command, tiers, needed = tiers, show } = request;
  mustNotDisruptProduction(cluster, options, tiers);
  const consent = given(cluster, options, tiers);
  if (needed.every((tier) => consent[tier])) return consent;
  const missing = allTiers.filter((tier) => tiers.includes(tier) && !consent[tier]);
  if (!canAsk(options)) throw withoutConsent(cluster, request, missing);
  process.stderr.write(`${await show()}\n`);
  if (await answeredYes(`Allow ${sentence(missing)} on ${cluster.name} (${cluster.environment})? [y/N] `))
    return withTiers(consent, missing);
  throw new IpvetError('REFUSED', `${command}: not allowed at the terminal; nothing was changed`, {
    hint: `--allow ${missing.join(',')} allows it beforehand`,
  });
}

/** What a dry run shows: what would be allowed as things are, or all the command would ask for where that is too little. */
export function rehearsedConsent(
  cluster: Cluster,
  options: GlobalOptions,
  { tiers, needed = tiers }: Pick<ConsentRequest, 'tiers' | 'needed'>,
): { readonly consent: Consent; readonly missing: readonly Tier[] } {
  mustNotDisruptProduction(cluster, options, tiers);
  const consent = given(cluster, options, tiers);
  if (needed.every((tier) => consent[tier])) return { consent, missing: [] };
  const missing = allTiers.filter((tier) => tiers.includes(tier) && !consent[tier]);
  return { consent: withTiers(consent, missing), missing };
}

function withTiers(consent: Consent, tiers: readonly Tier[]): Consent {
  return { ...consent, ...Object.fromEntries(tiers.map((tier) => [tier, true])) };
}

/** What is allowed without a question. `--yes` answers for the tiers of the command at hand. */
function given(cluster: Cluster, { allow, yes }: GlobalOptions, wanted: readonly Tier[]): Consent {
  const may = (tier: Tier): boolean =>
    tier === 'read' || cluster.environment === 'lab' || allow.includes(tier) || (yes && wanted.includes(tier));
  return {
    read: true,
    traffic: may('traffic'),
    change: may('change'),
    disrupt: may('disrupt') && cluster.environment !== 'production',
  };
}

/** Asked for in so many words, or by what the command is: neither `--allow` nor `--yes` helps. */
function mustNotDisruptProduction(cluster: Cluster, { allow }: GlobalOptions, wanted: readonly Tier[]): void {
  if (cluster.environment !== 'production') return;
  if (!wanted.includes('disrupt') && !allow.includes('disrupt')) return;
  throw new IpvetError('REFUSED', `${cluster.name} is a production cluster, and ipvet does not disrupt production`, {
    hint: wanted.includes('disrupt')
      ? 'try it on a cluster whose file says environment: preprod, or on a lab (ipvet lab up)'
      : 'leave disrupt out of --allow',
  });
}

function withoutConsent(
  cluster: Cluster,
  { command, tiers, needed = tiers, change = 'changes the rules' }: ConsentRequest,
  missing: readonly Tier[],
) {
  const lacking = missing.filter((tier) => needed.includes(tier));
  const deeds = lacking.map((tier) => deedOf(tier, cluster, change));
  const [least, most] = [lacking.join(','), missing.join(',')];
  const flags = least === most ? `--allow ${most}` : `--allow ${least}, or --allow ${most} for all that it can do`;
  return new IpvetError(
    'REFUSED',
    `${command} ${sentence(deeds)} of ${cluster.name} (${cluster.environment}), which was not allowed`,
    { hint: `see what it would do with --dry-run, then give ${flags} (or --yes)` },
  );
}

function deedOf(tier: Tier, { virtualServices }: Cluster, change: string): string {
  switch (tier) {
    case 'read':
      return 'reads the hosts';
    case 'traffic':
      return `sends load to ${virtualServices.map(({ vip, port }) => endpoint(vip, port)).join(', ')}`;
    case 'change':
      return change;
    case 'disrupt':
      return 'takes parts out of service';
  }
}

/** `traffic, change and disrupt` */
function sentence(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Somebody reads what is shown and can answer. */
export function canAsk({ input }: Pick<GlobalOptions, 'input'>): boolean {
  return input && process.stdin.isTTY && process.stderr.isTTY;
}

/** What `--steal-lock` allows: to ask about each lock, or, with --yes, to take it. Off a terminal nobody can be asked. */
export function stealing(options: Pick<GlobalOptions, 'input' | 'stealLock' | 'yes'>): {
  stealLock?: (held: string) => Promise<boolean>;
} {
  if (!options.stealLock) return {};
  return {
    stealLock: async (held) => {
      if (options.yes) return true;
      if (!canAsk(options)) return false;
      return answeredYes(`${held}.\nUndo what it has changed, and take the lock? [y/N] `);
    },
  };
}

/** Only y and yes are yes: an empty answer, anything else and the end of the input are no. */
function answeredYes(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = new Promise<boolean>((resolve, reject) => {
    // readline has the terminal in raw mode, so that Ctrl-C is a key here and no signal.
    lines.once('SIGINT', () => {
      reject(new IpvetError('ABORTED', 'interrupted at the question; nothing was changed'));
    });
    lines.once('close', () => {
      resolve(false);
    });
    lines.question(question, (text) => {
      resolve(/^y(es)?$/i.test(text.trim()));
    });
  });
  return answer.finally(() => {
    lines.close();
  });
}

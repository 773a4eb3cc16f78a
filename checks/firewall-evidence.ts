/** The telling lines of what packet filters print. `nft -j` prints one line for everything. */
import type { Hook, Stop } from './firewall-path.ts';
import { quote } from './quotation.ts';
import { excerpt } from '../lib/model/check.ts';
import type { Evidence } from '../lib/model/evidence.ts';
import type { FirewallRule } from '../lib/model/facts.ts';

/** Each rule as its own tool shows it. */
export function ruleEvidence(evidence: Evidence, rules: readonly FirewallRule[]): readonly Evidence[] {
  const iptables = rules.filter(({ engine }) => engine === 'iptables').map(({ text }) => text);
  const nftables = rules.filter(({ engine }) => engine === 'nftables');
  return [
    ...(iptables.length === 0 ? [] : [quote(evidence, ...iptables)]),
    ...nftables.map(({ chain, text }) => ({ host: evidence.host, command: `nft list chain ${chain}`, output: text })),
  ];
}

/** The rule that stopped a packet, or the policy. */
export function stopEvidence(evidence: Evidence, hook: Hook, stop: Stop): readonly Evidence[] {
  return stop.rule === undefined ? [policyEvidence(evidence, hook)] : ruleEvidence(evidence, [stop.rule]);
}

/** The policies of base chains: of one hook, or of all. */
export function policyEvidence(evidence: Evidence, hook?: Hook): Evidence {
  const which = hook ?? '(input|forward|output)';
  // iptables-save, `iptables -S`, nft -j, nft.
  const line = new RegExp(`^:${which} |^-P ${which} |"hook": ?"${which}"|hook ${which} `, 'i');
  return excerpt({ ...evidence, output: laidOut(evidence.output) }, line);
}

/** One object of `nft -j` a line. */
function laidOut(output: string): string {
  return output
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{"nftables":')) return line;
      try {
        const { nftables } = JSON.parse(line) as { nftables: unknown };
        return Array.isArray(nftables) ? nftables.map((entry) => JSON.stringify(entry)).join('\n') : line;
      } catch {
        // Cut off by the cap on evidence.
        return line;
      }
    })
    .join('\n');
}

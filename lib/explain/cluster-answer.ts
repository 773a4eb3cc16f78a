/** From what each director would do to what happens: the one that has the VIP gets the packets. */
import type { Answer, Explanation } from './explanation.ts';
import type { Flow } from './input.ts';

export interface ClusterAnswer {
  /** Whose answer it is; absent where no director, or more than one, has the VIP. */
  readonly director?: string;
  readonly answer: Answer | { readonly kind: 'nowhere'; readonly because: string };
}

/** `unasked`: directors that could not be asked, or were left out. */
export function clusterAnswer(
  explanations: readonly Explanation[],
  unasked: readonly string[],
  { vip }: Flow,
): ClusterAnswer {
  const holders = explanations.filter(({ holdsVip }) => holdsVip === true);
  const [holder] = holders;
  if (holder !== undefined && holders.length === 1) return { director: holder.director, answer: holder.answer };
  const names = holders.map(({ director }) => director).join(' and ');
  if (holder !== undefined)
    return {
      answer: {
        kind: 'untold',
        because: `${names} both have the VIP ${vip}, and which of them gets the packets is settled by ARP (ipvet check network/vip-owner)`,
      },
    };
  const unknown = [
    ...unasked,
    ...explanations.filter(({ holdsVip }) => holdsVip === null).map(({ director }) => director),
  ];
  if (unknown.length > 0)
    return {
      answer: {
        kind: 'untold',
        because: `no director that answered has the VIP ${vip}, and ${unknown.join(', ')} may`,
      },
    };
  const byMark = explanations.some(({ service }) => service?.by === 'mark');
  return {
    answer: byMark
      ? { kind: 'untold', because: `no director has the VIP ${vip}, and routing may take packets in by their mark` }
      : { kind: 'nowhere', because: `no director has the VIP ${vip}, so its packets come to none` },
  };
}

/** Facts whose collectors are on their way. */
import type { HostFactName } from '../model/facts.ts';
import { type Collector, Unanswered } from './collector.ts';

export function pending<N extends HostFactName>(fact: N): Collector<N> {
  return {
    fact,
    needsRoot: false,
    command: () => ':',
    script: () => ':',
    parse: ({ host }) => {
      throw new Unanswered('not-collected', `${host}: ${fact} is not collected yet`);
    },
  };
}

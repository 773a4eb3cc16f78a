import { parseNeighbourJson, parseNeighbourText } from '../parse/ip-neighbour.ts';
import { type Collector, requireAnswer } from './collector.ts';
import { iproute2, neighbourTable } from './ip-questions.ts';

export const neighbours: Collector<'neighbours'> = {
  fact: 'neighbours',
  needsRoot: false,
  tool: iproute2,
  ip: () => [neighbourTable],
  command: () => 'ip -j neigh',
  script: () => '',
  parse: (section) => {
    const { kind, output } = requireAnswer(section, neighbourTable.words);
    return kind === 'json' ? parseNeighbourJson(output) : parseNeighbourText(output);
  },
};

import { expect } from 'chai';
import { type Explained, explainedText, type Unreached } from '../../../cli/explain-text.ts';
import { clusterAnswer } from '../../../lib/explain/cluster-answer.ts';
import type { Explanation } from '../../../lib/explain/explanation.ts';
import { aFlow, entries, entry, explained, own, service } from '../explain/a-director.ts';

const flow = aFlow();
const text = (explanations: readonly Explanation[], unreached: readonly Unreached[] = []) => {
  const document: Explained = {
    format: 'ipvet-explain/1',
    client: { address: flow.client, port: 40_001 },
    service: { address: flow.vip, port: flow.port, protocol: flow.protocol },
    ...clusterAnswer(
      explanations,
      unreached.map(({ director }) => director),
      flow,
    ),
    directors: [...explanations, ...unreached],
  };
  return explainedText(document, flow);
};

describe('what explain prints', () => {
  it('is each step, the one that decides marked, and the answer with the way back', () => {
    expect(text([explained({ entries: entries({ entries: [entry()] }) })])).to
      .equal(`192.168.122.1:40001 → 192.168.122.100:80 (tcp)

director1: has the VIP
  service    TCP 192.168.122.100:80, rr
* entry      192.168.122.1:40001 → rs2 10.10.10.20:80, ESTABLISHED, 893 s left
  template   the service has no persistence
  scheduler  rr goes by the next one after the last it chose, and the kernel shows nowhere which that was; any that is neither quiesced nor full may be next
               rs3 10.10.10.30:80: weight 1, 0 active, 0 inactive
               rs2 10.10.10.20:80: weight 1, 0 active, 0 inactive
               rs1 10.10.10.10:80: weight 1, 0 active, 0 inactive

director1 sends it to rs2 10.10.10.20:80 by nat: its entry decides
  rs2 answers by way of director1, its gateway to the client, which makes 192.168.122.100:80 the source again
`);
  });

  it('says what a director without the VIP would do, and what one that was not reached said', () => {
    const standby = explained({ addresses: own('10.10.10.2') }, flow, { name: 'director2' });
    const shown = text(
      [standby],
      [{ director: 'director1', error: { code: 'SSH_TIMEOUT', message: 'no answer', hint: 'try ssh' } }],
    );
    expect(shown).to.contain('director2: does not have the VIP');
    expect(shown).to.contain('if it gets the packets: director2 sends it to one of rs3');
    expect(shown).to.contain('director1 could not be asked: no answer\n  try ssh');
    expect(shown).to.match(/cannot be told: no director that answered has the VIP .*, and director1 may\n$/);
  });

  for (const [what, said, says] of [
    ['a refusal', { services: [] }, /refuses it with RST/],
    [
      'no destination',
      { services: [service({ destinations: [] })] },
      /refuses it with ICMP port unreachable: the service has no real server/,
    ],
    [
      'a drop',
      { services: [service({ destinations: [] })], entries: entries({ entries: [entry()] }) },
      /drops it without a word/,
    ],
    ['no VIP', { addresses: [] }, /nowhere: no director has the VIP/],
    ['a choice nobody sees', {}, /one of .* which cannot be told: rr goes by/],
    [
      'a supposition',
      { services: [service({ scheduler: 'sh' })] },
      /\n {2}supposing that CONFIG_IP_VS_SH_TAB_BITS is 8/,
    ],
  ] as const)
    it(`tells ${what}`, () => {
      expect(text([explained(said)])).to.match(says);
    });
});

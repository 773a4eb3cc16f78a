import { expect } from 'chai';
import { parseConntrackCounters } from '../../../lib/parse/conntrack-counters.ts';

const head =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart';
const row = (drop: string) =>
  `00000032  00000000 00000001 00000000 0000000a 00000000 00000000 00000000 00000000 00000000 ${drop} 00000000 00000002  00000000 00000000 00000000 00000000`;

describe('/proc/net/stat/nf_conntrack', () => {
  it('is hexadecimal, a line for each processor', () => {
    const counters = parseConntrackCounters(`${head}\n${row('000000ff')}\n${row('00000001')}\n`);
    expect(counters.get('drop')).to.equal(256);
    expect(counters.get('invalid')).to.equal(20);
  });

  it('says nothing where it is absent, cut off or something else', () => {
    for (const text of ['', head, `${head}\n00000032 0000`, 'cat: no such file\n1 2 3 4\n'])
      expect(parseConntrackCounters(text).get('drop'), text).to.equal(undefined);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { addressInTable, endpoint, portInTable } from '../../../lib/parse/table-address.ts';
import { endsBlock, parseTableBlock } from '../../../lib/parse/table-sample.ts';

describe('a block of the sampler', () => {
  it('gives destinations, states and what it cost', () => {
    const block = ['c 0A0A0A14 0050 SYN_RECV 12 7', 'c 0A0A0A0A 0050 TIME_WAIT 300 0', 's 331 5 whole'];
    expect(parseTableBlock(block)).to.deep.equal({
      counts: [
        { destination: '10.10.10.20:80', state: 'SYN_RECV', entries: 12, stuck: 7 },
        { destination: '10.10.10.10:80', state: 'TIME_WAIT', entries: 300, stuck: 0 },
      ],
      entries: 331,
      cpuMs: 50,
      extent: 'whole',
      reused: 0,
    });
    expect(parseTableBlock(['s 331 5 whole 17'])).to.include({ entries: 331, reused: 17 });
  });

  it('knows an empty table from one that is not there, and from one that was cut', () => {
    expect(parseTableBlock(['s 0 0 whole'])).to.deep.equal({
      counts: [],
      entries: 0,
      cpuMs: 0,
      extent: 'whole',
      reused: 0,
    });
    expect(parseTableBlock(['s 0 0 absent']).extent).to.equal('absent');
    expect(parseTableBlock(['s 4000 200 cut']).extent).to.equal('cut');
  });

  it('refuses what the program does not print', () => {
    for (const lines of [
      [],
      [''],
      ['s 1 2'],
      ['s x 0 whole'],
      ['hello', 's 0 0 whole'],
      ['c 0A 0050 A 1 0', 's 0 0 whole'],
    ]) {
      expect(() => parseTableBlock(lines), JSON.stringify(lines)).to.throw();
    }
    expect(endsBlock('c 0A0A0A14 0050 SYN_RECV 12 7')).to.equal(false);
    expect(endsBlock('s 0 0 whole')).to.equal(true);
  });

  it('reads back any sums', () => {
    const count = fc.record({
      address: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65535 }),
      state: fc.constantFrom('SYN_RECV', 'ESTABLISHED', 'UDP'),
      entries: fc.nat(),
      stuck: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(count), fc.nat(), (counts, rows) => {
        const lines = counts.map(
          ({ address, port, state, entries, stuck }) =>
            `c ${addressInTable(address)} ${portInTable(port)} ${state} ${entries} ${stuck}`,
        );
        const block = parseTableBlock([...lines, `s ${rows} 3 whole`]);
        expect(block.entries).to.equal(rows);
        expect(block.counts.map(({ state, entries, stuck }) => ({ state, entries, stuck }))).to.deep.equal(
          counts.map(({ state, entries, stuck }) => ({ state, entries, stuck })),
        );
        block.counts.forEach(({ destination }, index) => {
          const { address = '', port = 0 } = counts[index] ?? {};
          if (!address.includes(':')) expect(destination).to.equal(endpoint(address, port));
        });
      }),
    );
  });
});

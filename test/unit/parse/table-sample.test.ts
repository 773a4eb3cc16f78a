import { expect } from 'chai';
import fc from 'fast-check';
import { addressInTable, endpoint, portInTable } from '../../../lib/parse/table-address.ts';
import { endsBlock, parseTableBlock } from '../../../lib/parse/table-sample.ts';

describe('a block of the sampler', () => {
  const end = 's whole 331 312 50000 0';

  it('gives services, destinations, states and what it cost', () => {
    const block = parseTableBlock([
      'd 0 0A0A0A14:0050 1 12 300',
      'd 1 [fd00:0000:0000:0000:0000:0000:0000:0014]:0050 0 0 2',
      'n   0       1A        5        0             1F40                0',
      'n   B        6        1        0                0                0',
      'c 0 0A0A0A14 0050 SYN_RECV 12 7',
      'c 1 0A0A0A0A 0050 TIME_WAIT 300 0',
      'y 0 0A0A0A14 0050 ESTABLISHED 9',
      'r 0 0A0A0A14 0050 3 5',
      'u 1 17',
      end,
    ]);
    expect(block).to.deep.equal({
      levels: [
        { service: 0, destination: '10.10.10.20:80', weight: 1, active: 12, inactive: 300 },
        { service: 1, destination: '[fd00::14]:80', weight: 0, active: 0, inactive: 2 },
      ],
      totals: { connections: 32, inPackets: 6, outPackets: 0, inBytes: 8000, outBytes: 0 },
      counts: [
        { service: 0, destination: '10.10.10.20:80', state: 'SYN_RECV', entries: 12, stuck: 7 },
        { service: 1, destination: '10.10.10.10:80', state: 'TIME_WAIT', entries: 300, stuck: 0 },
      ],
      synced: [{ service: 0, destination: '10.10.10.20:80', state: 'ESTABLISHED', entries: 9 }],
      resent: [{ service: 0, destination: '10.10.10.20:80', connections: 3, packets: 5 }],
      reused: [{ service: 1, connections: 17 }],
      extent: 'whole',
      rows: 331,
      size: 312,
      cpuMs: 50,
      unfollowed: 0,
    });
  });

  it('begins with the boot, and what newer kernels keep count of', () => {
    const block = parseTableBlock(['h 5a2e7e3c-0000', 'k Conns:\t500123', 's ready 0 0 1234 0']);
    expect(block).to.include({ bootId: '5a2e7e3c-0000', connections: 500_123, extent: 'ready', cpuMs: 1.234 });
    expect(parseTableBlock(['h ', 's ready 0 0 0 0'])).to.include({ bootId: '' });
  });

  it('takes totals that the kernel refreshes where there are no live ones', () => {
    const { totals } = parseTableBlock(['m        1       14        0             1F40                0', end]);
    expect(totals).to.include({ connections: 1, inPackets: 20, inBytes: 8000 });
  });

  it('knows an empty table from one that is not there, one that was read in part, and one that was not asked for', () => {
    expect(parseTableBlock(['s whole 0 0 0 0'])).to.include({ extent: 'whole', rows: 0 });
    for (const extent of ['absent', 'part', 'levels'])
      expect(parseTableBlock([`s ${extent} 10 20 0 5`])).to.include({ extent, rows: 10, size: 20, unfollowed: 5 });
  });

  it('refuses what the program does not print', () => {
    for (const lines of [
      [],
      [''],
      ['s 1 2'],
      ['s x 0 whole'],
      ['s whole x 0 0 0'],
      ['hello', end],
      ['c 0 0A 0050 A 1 0', end],
      ['d 0 0A0A0A14 1 1 1', end],
      ['n   0 1 2', end],
      ['n   0 1 2 3 4 xyz', end],
      ['k Connections 5', end],
    ]) {
      expect(() => parseTableBlock(lines), JSON.stringify(lines)).to.throw();
    }
    expect(endsBlock('c 0 0A0A0A14 0050 SYN_RECV 12 7')).to.equal(false);
    expect(endsBlock(end)).to.equal(true);
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
            `c 0 ${addressInTable(address)} ${portInTable(port)} ${state} ${entries} ${stuck}`,
        );
        const block = parseTableBlock([...lines, `s whole ${rows} 3 0 0`]);
        expect(block.rows).to.equal(rows);
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

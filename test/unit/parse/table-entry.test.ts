import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseTableEntries } from '../../../lib/parse/table-entry.ts';

describe('rows of the connection table', () => {
  it('are clients, destinations, states and timers', () => {
    const text = `TCP C0A87A01 9C4A C0A87A64 0050 0A0A0A14 0050 SYN_RECV         56
UDP fd00:0000:0000:0000:0000:0000:0000:0001 14E9 fd00:0000:0000:0000:0000:0000:0000:0100 0035 fd00:0000:0000:0000:0000:0000:0000:0014 0035 UDP             300 sip call-id
`;
    expect(parseTableEntries(text)).to.deep.equal([
      {
        clientAddress: '192.168.122.1',
        clientPort: 40010,
        destination: '10.10.10.20:80',
        state: 'SYN_RECV',
        expiresS: 56,
      },
      { clientAddress: 'fd00::1', clientPort: 5353, destination: '[fd00::14]:53', state: 'UDP', expiresS: 300 },
    ]);
    expect(parseTableEntries('')).to.deep.equal([]);
  });

  it('are those of a director whose second real server answers past it', () => {
    const file = new URL('../../transcripts/debian12-6.1.176/ip_vs_conn', import.meta.url);
    const [, ...rows] = readFileSync(file, 'utf8').split('\n');
    const entries = parseTableEntries(rows.join('\n'));
    expect(entries).to.have.lengthOf(60);
    const stuck = entries.filter(({ state }) => state === 'SYN_RECV');
    expect(stuck).to.have.lengthOf(20);
    expect(new Set(stuck.map(({ destination }) => destination))).to.deep.equal(new Set(['10.10.10.20:80']));
    expect(Math.max(...stuck.map(({ expiresS }) => expiresS))).to.be.below(57);
    expect(new Set(entries.map(({ clientPort }) => clientPort)).size).to.equal(60);
  });

  it('are refused when they are cut off', () => {
    expect(() => parseTableEntries('TCP C0A87A01 9C4A C0A87A64 0050 0A0A0A14')).to.throw('ip_vs_conn');
    expect(() => parseTableEntries('Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires')).to.throw();
  });
});

import { expect } from 'chai';
import { IpvetError } from '../../../lib/errors.ts';
import { readEntries } from '../../../lib/sampling/entries.ts';
import { aService, awks, row, testDirector, type TestDirector } from './director.ts';

describe('readEntries', () => {
  let director: TestDirector;
  beforeEach(async () => {
    director = await testDirector();
    director.setTable(
      [
        row(40001, '0A0A0A0A', 'ESTABLISHED', 900),
        'TCP C0A87A00 0000 C0A87A64 0050 0A0A0A0A 0050 NONE             300\n',
        'TCP C0A87A02 9C42 C0A87A64 0050 0A0A0A14 0050 SYN_RECV          31\n',
        ...Array.from({ length: 300 }, (_, index) => row(41000 + index, '0A0A0A14', 'SYN_RECV', 50)),
      ].join(''),
    );
  });
  afterEach(() => director.close());

  for (const awk of awks()) {
    it(`gives rows by state and client, at most so many, with ${awk}`, async () => {
      director.useAwk(awk);
      const read = (options: Parameters<typeof readEntries>[2]) =>
        readEntries(director.host, aService(), { table: director.table, ...options });
      expect(await read({ clientAddress: '192.168.122.2' })).to.deep.equal([
        {
          clientAddress: '192.168.122.2',
          clientPort: 40002,
          destination: '10.10.10.20:80',
          state: 'SYN_RECV',
          expiresS: 31,
        },
      ]);
      const stuck = await read({ state: 'SYN_RECV', limit: 20 });
      expect(stuck).to.have.lengthOf(20);
      expect(new Set(stuck.map(({ state }) => state))).to.deep.equal(new Set(['SYN_RECV']));
      expect(await read({})).to.have.lengthOf(200);
      expect(await read({ limit: 1000 })).to.have.lengthOf(302);
      expect(await read({ state: 'CLOSE' })).to.deep.equal([]);
      // 4000 would be part of 40001, were ports compared as text.
      const byPort = await read({ clientPorts: [4000, 40_002, 41_007] });
      expect(byPort.map(({ clientPort }) => clientPort)).to.deep.equal([40_002, 41_007]);
    });
  }

  for (const awk of awks()) {
    it(`does not take addresses and ports for numbers that are equal, with ${awk}`, async () => {
      director.useAwk(awk);
      // 14.1.2.4 beside 14.1.2.3, port 0E20 beside 0E10: all are 0 to a program that reads them as 0E….
      director.setTable(
        ['0E010204 9C41 0E010000 0E10', '0E010203 9C42 0E010000 0E20', '0E010203 9C43 0E010000 0E10']
          .map((tuple) => `TCP ${tuple} 0A0A0A14 0050 ESTABLISHED      900\n`)
          .join(''),
      );
      const found = await readEntries(director.host, aService({ vip: '14.1.0.0', port: 0x0e10 }), {
        table: director.table,
        clientAddress: '14.1.2.3',
      });
      expect(found.map(({ clientPort }) => clientPort)).to.deep.equal([0x9c43]);
    });
  }

  it('wants a limit', async () => {
    const error: unknown = await readEntries(director.host, aService(), { limit: 0 }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(IpvetError);
  });
});

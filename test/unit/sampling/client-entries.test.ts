import { expect } from 'chai';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { parseClientEntries } from '../../../lib/parse/client-entries.ts';
import { type ClientQuestion, readClientEntries } from '../../../lib/sampling/client-entries.ts';
import { awks, originRow, row, syncedHead, testDirector, type TestDirector } from './director.ts';

const template = 'TCP C0A87A00 0000 C0A87A64 0050';
const asked: ClientQuestion = {
  protocol: 'tcp',
  client: '192.168.122.1',
  vip: '192.168.122.100',
  port: 80,
  templates: [template],
};

describe('readClientEntries', () => {
  let director: TestDirector;
  beforeEach(async () => {
    director = await testDirector();
    director.setTable(
      [
        row(40001, '0A0A0A0A', 'ESTABLISHED', 900),
        `${template} 0A0A0A14 0050 ASSURED          300\n`,
        'TCP C0A87A00 0000 C0A87A64 FFFF 0A0A0A14 FFFF NONE              30\n',
        'UDP C0A87A01 9C41 C0A87A64 0050 0A0A0A14 0050 UDP              300\n',
        'TCP C0A87A02 9C42 C0A87A64 0050 0A0A0A14 0050 SYN_RECV          31\n',
        'TCP C0A87A01 9C42 C0A87A64 0051 0A0A0A14 0051 ESTABLISHED       31\n',
        row(41000, '0A0A0A14', 'TIME_WAIT', 50),
      ].join(''),
    );
  });
  afterEach(() => director.close());

  const read = (change: Partial<ClientQuestion> = {}) =>
    readClientEntries(director.host, { ...asked, ...change }, new AbortController().signal, director.proc);

  for (const awk of awks()) {
    it(`finds the client's entries and its template alone, with ${awk}`, async () => {
      director.useAwk(awk);
      const found = await read();
      expect(found).to.deep.include({ extent: 'whole', rows: 7, found: 2 });
      expect(
        found?.entries.map(({ clientPort, destination, state, expiresS }) => [
          clientPort,
          destination,
          state,
          expiresS,
        ]),
      ).to.deep.equal([
        [40001, '10.10.10.10:80', 'ESTABLISHED', 900],
        [41000, '10.10.10.20:80', 'TIME_WAIT', 50],
      ]);
      expect(found?.templates).to.deep.equal([
        {
          key: template,
          clientAddress: '192.168.122.0',
          clientPort: 0,
          destination: '10.10.10.20:80',
          state: 'ASSURED',
          expiresS: 300,
          fromPeer: false,
        },
      ]);
      expect(await read({ clientPort: 41000 })).to.deep.include({ found: 1 });
      expect(await read({ client: '192.168.122.9', templates: [] })).to.deep.include({
        found: 0,
        entries: [],
        templates: [],
      });
    });

    it(`prints no more than can be read, and counts the others, with ${awk}`, async () => {
      director.useAwk(awk);
      director.setTable(
        Array.from({ length: 5000 }, (_, index) => row(20_000 + index, '0A0A0A14', 'SYN_RECV', 50)).join(''),
      );
      const found = await read();
      expect(found).to.include({ extent: 'whole', rows: 5000, found: 5000 });
      expect(found?.entries).to.have.lengthOf(20);
    });

    it(`does not take addresses and ports for numbers that are equal, with ${awk}`, async () => {
      director.useAwk(awk);
      // 14.1.2.4 and port 0E20 beside 14.1.2.3 and 0E10: all are 0 to a program that reads them as 0E….
      director.setTable(
        [
          'TCP 0E010204 0E10 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED      900\n',
          'TCP 0E010203 0E20 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED      900\n',
          'TCP 0E010203 0E10 C0A87A64 0050 0A0A0A14 0050 ESTABLISHED      900\n',
        ].join(''),
      );
      const found = await read({ client: '14.1.2.3', clientPort: 0x0e10 });
      expect(found?.entries.map(({ destination }) => destination)).to.deep.equal(['10.10.10.20:80']);
    });

    it(`says which came from a peer, with ${awk}`, async () => {
      director.useAwk(awk);
      director.setFile(
        'ip_vs_conn_sync',
        syncedHead +
          originRow('SYNC', 40001, '0A0A0A0A', 'ESTABLISHED', 900) +
          originRow('LOCAL', 40002, '0A0A0A0A', 'ESTABLISHED', 800),
      );
      const found = await read();
      expect(found?.entries.map(({ fromPeer, expiresS }) => [fromPeer, expiresS])).to.deep.equal([
        [true, 900],
        [false, 800],
      ]);
    });
  }

  it('is undefined where there is no table to read', async () => {
    director.removeTable();
    expect(await read()).to.equal(undefined);
  });

  it('takes no output that was cut off for an answer', () => {
    expect(() =>
      parseClientEntries('e TCP C0A87A01 9C41 C0A87A64 0050 0A0A0A0A 0050 ESTABLISHED 900 LOCAL\n'),
    ).to.throw(ParseError);
    expect(() => parseClientEntries('e TCP C0A8\nwhole 1 1\n')).to.throw(ParseError);
    expect(() => parseClientEntries('')).to.throw(ParseError);
  });
});

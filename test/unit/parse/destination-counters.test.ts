import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseDestinationCounters } from '../../../lib/parse/destination-counters.ts';
import { transcript } from './transcript.ts';

const listing = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.168.122.100:80               2000    12000     8000   788000   940000
  -> 10.10.10.10:80                    667     4002     2668   262798   313490
  -> 10.10.10.20:80                    667      667        0    40020        0
UDP  192.168.122.100:80                  1        1        1       60       60
  -> 10.10.10.10:80                      1        1        1       60       60
TCP  [fd00::100]:80                      5       10       10      600      700
  -> [fd00::14]:80                       5       10       10      600      700
FWM  7                                   0        0        0        0        0
FWM  7 IPv6                              3        0        0        0        0
  -> [fd00::14]:0                        3        0        0        0        0
`;

describe('counters of destinations', () => {
  it('are those of the service that was asked for', () => {
    expect(parseDestinationCounters(listing, 'TCP', '192.168.122.100:80')).to.deep.equal([
      {
        destination: '10.10.10.10:80',
        connections: 667,
        inPackets: 4002,
        outPackets: 2668,
        inBytes: 262798,
        outBytes: 313490,
      },
      {
        destination: '10.10.10.20:80',
        connections: 667,
        inPackets: 667,
        outPackets: 0,
        inBytes: 40020,
        outBytes: 0,
      },
    ]);
    expect(parseDestinationCounters(listing, 'UDP', '192.168.122.100:80')?.[0]?.connections).to.equal(1);
    expect(parseDestinationCounters(listing, 'TCP', '[fd00::100]:80')?.[0]?.destination).to.equal('[fd00::14]:80');
  });

  it('are those a director printed for one service', () => {
    const file = new URL('../../transcripts/debian12-6.1.176/ipvsadm-stats', import.meta.url);
    const rows = parseDestinationCounters(readFileSync(file, 'utf8'), 'TCP', '192.168.122.100:80');
    expect(
      rows?.map(({ destination, connections, outPackets }) => [destination, connections, outPackets]),
    ).to.deep.equal([
      ['10.10.10.10:80', 20, 101],
      ['10.10.10.20:80', 20, 0],
      ['10.10.10.30:80', 20, 100],
    ]);
  });

  it('are those of Rocky Linux 8', () => {
    const rows = parseDestinationCounters(
      transcript('ipvsadm-Ln-stats.txt', 'rocky8-4.18'),
      'TCP',
      '192.168.10.100:80',
    );
    expect(rows?.map(({ destination, inPackets, outPackets }) => [destination, inPackets, outPackets])).to.deep.equal([
      ['192.168.188.82:80', 228, 152],
      ['192.168.188.83:80', 227, 148],
    ]);
  });

  it('are undefined for a service that is not listed, and empty for one without destinations', () => {
    expect(parseDestinationCounters(listing, 'TCP', '192.168.122.100:443')).to.equal(undefined);
    expect(parseDestinationCounters('', 'TCP', '192.168.122.100:80')).to.equal(undefined);
    expect(parseDestinationCounters(listing, 'FWM', '7')).to.deep.equal([]);
    expect(parseDestinationCounters(listing, 'FWM', '7 IPv6')?.[0]).to.include({ destination: '[fd00::14]:0' });
  });

  it('refuse abbreviated and truncated figures', () => {
    const service = 'TCP  10.0.0.1:80   1 1 1 1 1\n';
    for (const row of ['  -> 10.0.0.2:80   12K 1 1 1 1', '  -> 10.0.0.2:80   1 1 1', '  ->', 'gibberish']) {
      expect(() => parseDestinationCounters(service + row, 'TCP', '10.0.0.1:80'), row).to.throw('--exact');
    }
  });
});

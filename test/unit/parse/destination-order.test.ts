import { expect } from 'chai';
import { parseDestinationOrder } from '../../../lib/parse/destination-order.ts';

/** Of a lab's director, Linux 6.1.176; rs1, rs2 and rs3 were added in this order. */
const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A87A64:1F41 rr  
  -> 0A0A0A1E:0050      Masq    1      0          0         
  -> 0A0A0A14:0050      Masq    1      0          0         
  -> 0A0A0A0A:0050      Masq    1      0          0         
TCP  C0A87A64:1F42 rr  
FWM  00000007 rr
  -> 0A0A0A0A:0000      Route   1      0          0
TCP  [fd00:0000:0000:0000:0000:0000:0000:0064]:0050 sh
  -> [fd00:0000:0000:0000:0000:0000:0000:000a]:0050      Masq    1      0          0
`;
const web = { vip: '192.168.122.100', port: 8001, protocol: 'tcp' } as const;

describe('parse/destination-order', () => {
  it('has the destinations of one service as the kernel has them', () => {
    expect(parseDestinationOrder(table, web)).to.deep.equal(['10.10.10.30:80', '10.10.10.20:80', '10.10.10.10:80']);
    expect(parseDestinationOrder(table, { ...web, port: 8002 })).to.deep.equal([]);
    expect(parseDestinationOrder(table, { ...web, vip: 'fd00::64', port: 80 })).to.deep.equal(['[fd00::a]:80']);
  });

  it('gives a destination of a mark the port that clients use', () => {
    expect(parseDestinationOrder(table, { ...web, fwmark: 7 })).to.deep.equal(['10.10.10.10:8001']);
  });

  it('knows no order of a service that is not listed, and takes no other text for one', () => {
    expect(parseDestinationOrder(table, { ...web, port: 1 })).to.equal(undefined);
    expect(parseDestinationOrder('', web)).to.equal(undefined);
    expect(() => parseDestinationOrder(table.replace('0A0A0A1E:0050', 'rubbish'), web)).to.throw(/rubbish|ip_vs/);
  });
});

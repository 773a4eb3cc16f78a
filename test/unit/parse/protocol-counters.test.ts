import { expect } from 'chai';
import { parseProtocolCounters } from '../../../lib/parse/protocol-counters.ts';

const snmp = `Ip: Forwarding DefaultTTL InReceives InDelivers
Ip: 2 64 8155 8150
Tcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens
Tcp: 1 -1 32 2
TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPSynRetrans
TcpExt: 0 3 4 17
sockets: used 92
TCP: inuse 1 orphan 0 tw 12 alloc 48 mem 0
FRAG: inuse 0 memory 0
Ip6InReceives                   	7
HalfOpen 5
`;

describe('counters of TCP, UDP and IP', () => {
  it('are read from every form the kernel prints', () => {
    const counters = parseProtocolCounters(snmp);
    expect(counters.get('Ip.InReceives')).to.equal(8155);
    expect(counters.get('Tcp.MaxConn')).to.equal(-1);
    expect(counters.get('Tcp.PassiveOpens')).to.equal(2);
    expect(counters.get('TcpExt.TCPSynRetrans')).to.equal(17);
    expect(counters.get('sockstat.TCP.tw')).to.equal(12);
    expect(counters.get('Ip6InReceives')).to.equal(7);
    expect(counters.get('HalfOpen')).to.equal(5);
  });

  it('are absent, not 0, where a line is cut or has no values', () => {
    const cut = parseProtocolCounters(
      'Tcp: ActiveOpens PassiveOpens\nTcp: 32\nUdp: InDatagrams\nIp: InReceives\nnonsense',
    );
    expect([...cut]).to.deep.equal([['Tcp.ActiveOpens', 32]]);
    expect([...parseProtocolCounters('')]).to.deep.equal([]);
  });
});

import { expect } from 'chai';

import { parseProcNetTcp, parseSsListeners } from '../../../lib/parse/listeners.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const expected = [
  { address: '192.168.122.1', port: 80, queued: 0, backlog: 511 },
  { address: '*', port: 8080, queued: 0, backlog: 511 },
  { address: '2001:db8::1', port: 443, queued: 0, backlog: 511 },
];

describe('listeners', () => {
  it('reads ss -Hltn, and ss -ltn of a version that cannot leave the header out', () => {
    expect(parseSsListeners(transcript('ss-Hltn.txt'))).to.deep.equal(expected);
    expect(parseSsListeners(transcript('ss-ltn.txt'))).to.deep.equal(expected);
  });

  it('reads the same from /proc/net/tcp, but for the backlog', () => {
    const found = parseProcNetTcp(transcript('proc-net-tcp.txt'));
    expect(found).to.deep.equal(expected.map((row) => ({ ...row, backlog: 0 })));
  });

  it('has 0.0.0.0, [::] and an interface for any address', () => {
    const text =
      'LISTEN 3 128 0.0.0.0:22 0.0.0.0:*\nLISTEN 0 128 [::]:22 [::]:*\nLISTEN 0 5 127.0.0.53%lo:53 0.0.0.0:*\n';
    expect(parseSsListeners(text).map(({ address }) => address)).to.deep.equal(['*', '*', '127.0.0.53']);
    expect(parseSsListeners(text)[0]?.queued).to.equal(3);
  });

  it('reads UDP sockets that are bound beside TCP', () => {
    expect(parseSsListeners(transcript('ss-Hltun.txt'))).to.have.deep.members([
      { protocol: 'udp', address: '*', port: 5353, queued: 0, backlog: 0 },
      { protocol: 'udp', address: '127.0.0.1', port: 323, queued: 0, backlog: 0 },
      { address: '*', port: 80, queued: 0, backlog: 128 },
    ]);
  });

  it('tells datagrams from connections', () => {
    const text = 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*\ntcp LISTEN 0 511 *:80 *:*\n';
    expect(parseSsListeners(`Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n${text}`)).to.deep.equal([
      { protocol: 'udp', address: '*', port: 53, queued: 0, backlog: 0 },
      { address: '*', port: 80, queued: 0, backlog: 511 },
    ]);
    const row = '  12: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 0\n';
    expect(parseProcNetTcp(row, 'udp')).to.deep.equal([
      { protocol: 'udp', address: '127.0.0.1', port: 53, queued: 0, backlog: 0 },
    ]);
    expect(parseProcNetTcp(row), 'no socket that listens for connections').to.deep.equal([]);
  });

  it('reads hosts of Rocky Linux 8 and 9', () => {
    const rows = (name: string, host: string) =>
      parseSsListeners(transcript(name, host)).map(
        ({ protocol = 'tcp', address, port, backlog }) => `${protocol} ${address} ${port} ${backlog}`,
      );
    expect(rows('ss-ntl.txt', 'rocky8-4.18')).to.deep.equal([
      'tcp * 22 128',
      'tcp 127.0.0.1 6379 128',
      'tcp * 80 128',
      'tcp * 22 128',
      'tcp * 443 128',
    ]);
    expect(rows('ss-tulpn.txt', 'rocky9-5.14')).to.deep.equal([
      'udp 127.0.0.1 323 0',
      'udp ::1 323 0',
      'tcp * 22 128',
      'tcp 127.0.0.1 32772 4096',
      'tcp * 22 128',
    ]);
  });

  it('has none on a host where nothing listens', () => {
    expect(parseSsListeners('')).to.deep.equal([]);
  });

  it('refuses other text', () => {
    expect(() => parseSsListeners('Cannot open netlink socket: Protocol not supported')).to.throw(ParseError);
    expect(() => parseProcNetTcp('   0: 017AA8C0')).to.throw(ParseError);
  });
});

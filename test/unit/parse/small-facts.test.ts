import { expect } from 'chai';

import { parseHostsFile } from '../../../lib/parse/hosts-file.ts';
import { parseNameLookup, withoutServer } from '../../../lib/parse/name-lookup.ts';
import { parseOsRelease } from '../../../lib/parse/os-release.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { parseChronyTracking, parseNtpVariables } from '../../../lib/parse/time-service.ts';
import { transcript } from './transcript.ts';

describe('os-release', () => {
  it('reads a real file', () => {
    expect(parseOsRelease(transcript('os-release.txt'))).to.deep.equal({
      id: 'debian',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
    });
  });

  it('reads those of RHEL 7, Rocky Linux 8 and 9', () => {
    const read = (host: string) => parseOsRelease(transcript('os-release.txt', host));
    expect([read('centos7-3.10'), read('rocky8-4.18'), read('rocky9-5.14')]).to.deep.equal([
      { id: 'rhel', prettyName: 'Red Hat Enterprise Linux Server 7.7 (Maipo)' },
      { id: 'rocky', prettyName: 'Rocky Linux 8.3' },
      { id: 'rocky', prettyName: 'Rocky Linux 9.2 (Blue Onyx)' },
    ]);
  });

  it('reads both kinds of quotes, and has the defaults of os-release(5)', () => {
    expect(parseOsRelease('ID=\'rocky\'\nNAME="A \\"B\\""\n')).to.deep.equal({ id: 'rocky', prettyName: 'A "B"' });
    expect(parseOsRelease('')).to.deep.equal({ id: 'linux', prettyName: 'Linux' });
  });
});

describe('/etc/hosts', () => {
  it('reads a real file', () => {
    const entries = parseHostsFile(transcript('hosts.txt', 'debian12-6.1.176'));
    expect(entries).to.deep.include({ address: '10.10.10.20', names: ['rs2'] });
    expect(entries).to.have.length(8);
  });

  it('reads names, comments, tabs and IPv6', () => {
    const text =
      '127.0.0.1\tlocalhost # me\n# 10.0.0.1 no\n\n10.10.10.10 rs1  rs1.example\n::1 ip6-localhost\n10.0.0.9\n';
    expect(parseHostsFile(text)).to.deep.equal([
      { address: '127.0.0.1', names: ['localhost'] },
      { address: '10.10.10.10', names: ['rs1', 'rs1.example'] },
      { address: '::1', names: ['ip6-localhost'] },
    ]);
  });
});

describe('time service', () => {
  const tracking = transcript('chronyc-tracking.txt', 'debian12-6.1.176');

  it('reads chronyc -c tracking', () => {
    expect(parseChronyTracking(tracking)).to.deep.equal({ source: 'chrony', synchronised: true });
    expect(parseChronyTracking(tracking.replace('Normal', 'Not synchronised')).synchronised).to.equal(false);
    expect(() => parseChronyTracking('506 Cannot talk to daemon')).to.throw(ParseError);
  });

  it('reads ntpq -c rv', () => {
    expect(parseNtpVariables('associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,').synchronised).to.equal(
      true,
    );
    expect(parseNtpVariables('associd=0 status=c016 leap_alarm, sync_unspec, 1 event').synchronised).to.equal(false);
    expect(() => parseNtpVariables('ntpq: read: Connection refused')).to.throw(ParseError);
  });
});

describe('name lookup', () => {
  const busybox =
    'Server:\t\t192.168.122.53\nAddress:\t192.168.122.53:53\n\nName:\twww.example.com\nAddress: 192.168.122.100\n\n';

  for (const [tool, output] of [
    ['getent', '192.168.122.100 STREAM www.example.com\n192.168.122.100 DGRAM  \n192.168.122.100 RAW    \n'],
    ['dig', 'lb.example.com.\n192.168.122.100\n'],
    ['host', 'www.example.com is an alias for lb.example.com.\nlb.example.com has address 192.168.122.100\n'],
    ['drill', ';; ANSWER SECTION:\nwww.example.com.\t300\tIN\tA\t192.168.122.100\n;; SERVER: 192.168.122.53\n'],
    ['nslookup', withoutServer(busybox)],
  ] as const) {
    it(`reads ${tool}`, () => {
      expect(parseNameLookup(tool, output)).to.deep.equal(['192.168.122.100']);
    });
  }

  it('does not take the server for the answer', () => {
    expect(
      withoutServer("Server: 192.168.122.53\nAddress: 192.168.122.53:53\n\n** server can't find x: NXDOMAIN\n"),
    ).to.equal('');
  });

  it('writes IPv6 addresses one way', () => {
    expect(parseNameLookup('dig', '2001:DB8:0::1\n2001:db8::1\n')).to.deep.equal(['2001:db8::1']);
  });
});

/** No text, however broken, may bring a parser down with anything but ParseError. */
import { expect } from 'chai';
import fc from 'fast-check';

import { parseFirewall } from '../../../lib/parse/firewall.ts';
import { parseHostsFile } from '../../../lib/parse/hosts-file.ts';
import { parseCurl, parseWget } from '../../../lib/parse/http-answer.ts';
import { parseIpAddressJson, parseIpAddressText } from '../../../lib/parse/ip-address.ts';
import { parseRouteJson, parseRouteText } from '../../../lib/parse/ip-route.ts';
import { parseProcNetTcp, parseSsListeners } from '../../../lib/parse/listeners.ts';
import { parseNameLookup, withoutServer } from '../../../lib/parse/name-lookup.ts';
import { parseOsRelease } from '../../../lib/parse/os-release.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { persistedSysctls } from '../../../lib/parse/sysctl.ts';
import { parseChronyTracking, parseNtpVariables } from '../../../lib/parse/time-service.ts';
import { transcript } from './transcript.ts';

const parsers: Readonly<Record<string, readonly [(text: string) => unknown, string]>> = {
  'ip -j addr': [parseIpAddressJson, transcript('ip-j-addr.json')],
  'ip -o addr': [parseIpAddressText, transcript('ip-o-link.txt') + transcript('ip-o-addr.txt')],
  'ip -j route get': [
    (text) => parseRouteJson(text, { destination: '192.0.2.1' }),
    '[{"dst":"192.0.2.1","dev":"eth0"}]',
  ],
  'ip -o route get': [(text) => parseRouteText(text, { destination: '192.0.2.1' }), transcript('ip-o-route-get.txt')],
  'nft -j list ruleset': [(nft) => parseFirewall({ nft, iptables: [] }), transcript('nft-varied.json')],
  'iptables-save': [(text) => parseFirewall({ iptables: [text] }), transcript('iptables-legacy-save.txt')],
  'ip6tables-save': [
    (text) => parseFirewall({ iptables: [], ip6tables: [text] }),
    transcript('ip6tables-legacy-lvs.txt'),
  ],
  'arptables-save': [
    (text) => parseFirewall({ iptables: [], arptables: [text] }),
    transcript('arptables-nft-save.txt'),
  ],
  'nft of many conditions': [(nft) => parseFirewall({ nft, iptables: [] }), transcript('nft-conditions.json')],
  'nft of family arp': [(nft) => parseFirewall({ nft, iptables: [] }), transcript('nft-arp.json')],
  'ss -Hltn': [parseSsListeners, transcript('ss-ltn.txt')],
  '/proc/net/tcp': [parseProcNetTcp, transcript('proc-net-tcp.txt')],
  curl: [(text) => parseCurl(text, text.slice(-20), 0), transcript('curl-answered.txt')],
  wget: [(text) => parseWget(text, 4), transcript('wget-answered.txt')],
  'os-release': [parseOsRelease, transcript('os-release.txt')],
  '/etc/hosts': [parseHostsFile, '127.0.0.1 localhost\n'],
  'sysctl.d': [
    (text) => persistedSysctls([{ path: '/etc/sysctl.d/a.conf', text }], ['net.ipv4.ip_forward'], { systemd: true }),
    'net.ipv4.*[a-z]?.rp_filter = 1\n-net.ipv4.conf.[!a].x\n',
  ],
  'chronyc -c tracking': [parseChronyTracking, 'a,b,c,d,e,f,g,h,i,j,k,l,m,Normal'],
  'ntpq -c rv': [parseNtpVariables, 'leap_none, sync_ntp'],
  nslookup: [(text) => parseNameLookup('nslookup', withoutServer(text)), 'Name: a\nAddress: 192.0.2.1\n'],
};

describe('any text', () => {
  for (const [source, [parse, real]] of Object.entries(parsers)) {
    /** Real output, cut short, with a piece taken out and another put in. */
    const broken = fc
      .tuple(
        fc.nat(real.length),
        fc.nat(60),
        fc.oneof(fc.string({ maxLength: 20 }), fc.json({ maxDepth: 2 })),
        fc.nat(real.length),
      )
      .map(([at, without, instead, end]) =>
        (real.slice(0, at) + instead + real.slice(at + without)).slice(0, end + 40),
      );

    it(`of ${source} is read or refused`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), broken, fc.json()), (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).to.be.instanceOf(ParseError);
          }
        }),
        { numRuns: 150 },
      );
    });

    it(`of ${source} as captured is read`, () => {
      if (!['curl', 'ip -j route get', 'ip -o route get'].includes(source)) expect(() => parse(real)).not.to.throw();
    });
  }
});

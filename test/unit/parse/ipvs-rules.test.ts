import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { rulesLines } from '../../../lib/ipvs/words.ts';
import { endpointText, parseIpvsRules, withThresholds } from '../../../lib/parse/ipvs-rules.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';

/** As ipvsadm 1.31 prints it. */
const save = `-A -t 192.168.122.100:80 -s rr
-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1
-a -t 192.168.122.100:80 -r 10.10.10.20:8080 -m -w 0
-A -u 192.168.122.100:53 -s sh -p 300 -M 255.255.255.0 -b sh-fallback,sh-port
-A -u 192.168.122.100:5060 -s rr -p 60 --pe sip -o
-A --sctp-service 192.168.122.100:2905 -s wlc
-A -t [2001:db8::64]:443 -s wrr -p 360 -M 64
-a -t [2001:db8::64]:443 -r [fd00::10]:443 -g -w 3
-A -f 7 -s wlc
-a -f 7 -r 10.10.10.10:0 -g -w 1
-A -f 7 -6 -s wlc
-a -f 7 -6 -r [fd00::10]:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
-A -t 192.168.122.101:80 -s none
-a -t 192.168.122.101:80 -r 10.10.10.10:80 -l -w 1
`;

describe('parseIpvsRules', () => {
  const { services } = parseIpvsRules(save);

  it('reads services with address, scheduler and persistence', () => {
    expect(services.map(({ protocol, address, port }) => [protocol, address, port])).to.deep.equal([
      ['tcp', '192.168.122.100', 80],
      ['udp', '192.168.122.100', 53],
      ['udp', '192.168.122.100', 5060],
      ['sctp', '192.168.122.100', 2905],
      ['tcp', '2001:db8::64', 443],
      ['fwmark', '', 0],
      ['fwmark', '', 0],
      ['tcp', '192.168.122.101', 80],
    ]);
    expect(services.map(({ scheduler, persistenceS }) => [scheduler, persistenceS])).to.deep.equal([
      ['rr', 0],
      ['sh', 300],
      ['rr', 60],
      ['wlc', 0],
      ['wrr', 360],
      ['wlc', 0],
      ['wlc', 0],
      ['none', 0],
    ]);
  });

  it('keeps what the model has no field for, as ipvsadm -A and -a take it', () => {
    expect(services.map(({ extra }) => extra)).to.deep.equal([
      [],
      ['-M', '255.255.255.0', '-b', 'sh-fallback,sh-port'],
      ['--pe', 'sip', '--ops'],
      [],
      ['-M', '64'],
      [],
      ['-6'],
      [],
    ]);
    expect(services[6]?.destinations[0]?.extra).to.deep.equal([
      '--tun-type',
      'gue',
      '--tun-port',
      '6080',
      '--tun-csum',
    ]);
  });

  it('reads destinations, and gives each to its own service', () => {
    expect(services[0]?.destinations).to.deep.equal([
      { address: '10.10.10.10', port: 80, forwarding: 'nat', weight: 1, extra: [] },
      { address: '10.10.10.20', port: 8080, forwarding: 'nat', weight: 0, extra: [] },
    ]);
    expect(services[4]?.destinations).to.deep.equal([
      { address: 'fd00::10', port: 443, forwarding: 'dr', weight: 3, extra: [] },
    ]);
    expect(
      services.slice(5, 8).map(({ destinations }) => destinations.map(({ forwarding }) => forwarding)),
    ).to.deep.equal([['dr'], ['tun'], ['local']]);
  });

  it('mends the two words that ipvsadm 1.26 prints without dashes', () => {
    const old = parseIpvsRules('-A -u 10.0.0.1:5060 -s rr -p 60 pe sip ops\n').services[0];
    expect(old?.extra).to.deep.equal(['--pe', 'sip', '--ops']);
  });

  it('an empty listing is a director without rules', () => {
    expect(parseIpvsRules('')).to.deep.equal({ services: [] });
    expect(parseIpvsRules('\n \n')).to.deep.equal({ services: [] });
  });

  for (const [what, text] of [
    ['a truncated line', '-A -t 192.168.122.100:80 -s'],
    ['a service without scheduler', '-A -t 192.168.122.100:80'],
    ['a name where -n was left out', '-A -t www.example.com:http -s rr'],
    ['a destination of no service', '-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1'],
    ['a destination without weight', '-A -t 1.1.1.1:80 -s rr\n-a -t 1.1.1.1:80 -r 10.10.10.10:80 -m'],
    ['an unknown protocol', '-A -q 192.168.122.100:80 -s rr'],
    ['an error message', "Can't initialize ipvs: Protocol not available"],
    ['the listing for people', 'IP Virtual Server version 1.2.1 (size=4096)'],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(() => parseIpvsRules(text)).to.throw(ParseError, 'ipvsadm -Sn');
    });
});

describe('withThresholds', () => {
  const listing = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn 
  -> RemoteAddress:Port
TCP  192.168.122.100:80 rr
  -> 10.10.10.10:80               100        80         0          0         
  -> 10.10.10.20:8080             0          0          0          0         
TCP  [2001:db8::64]:443 wrr persistent 360 mask 64
  -> [fd00::10]:443               7          0          3          1         
FWM  7 wlc
  -> 10.10.10.10:0                5          0          0          0         
FWM  7 IPv6 wlc
  -> [fd00::10]:0                 6          0          0          0         
TCP  10.9.9.9:80 rr
  -> 10.9.9.10:80                 1          1          0          0         
`;

  it('adds the words -x and -y where there are thresholds', () => {
    const { services } = withThresholds(parseIpvsRules(save), listing);
    const extras = services.flatMap(({ destinations }) => destinations.map((each) => [endpointText(each), each.extra]));
    expect(extras).to.deep.equal([
      ['10.10.10.10:80', ['-x', '100', '-y', '80']],
      ['10.10.10.20:8080', []],
      ['[fd00::10]:443', ['-x', '7']],
      ['10.10.10.10:0', ['-x', '5']],
      ['[fd00::10]:0', ['--tun-type', 'gue', '--tun-port', '6080', '--tun-csum', '-x', '6']],
      ['10.10.10.10:80', []],
    ]);
  });

  it('refuses a row without numbers', () => {
    expect(() => withThresholds(parseIpvsRules(save), 'TCP 1.1.1.1:80\n  -> 10.10.10.10:80  Masq 1 0\n')).to.throw(
      ParseError,
    );
  });

  it('reads what ipvsadm 1.31 prints on Linux 6.1', () => {
    const captured = (name: string) =>
      readFileSync(new URL(`../../transcripts/debian12-6.1.176/${name}`, import.meta.url), 'utf8');
    const saved = captured('ipvsadm-save');
    const rules = withThresholds(parseIpvsRules(saved), captured('ipvsadm-thresholds'));
    const lines = saved
      .trim()
      .split('\n')
      .map((line) =>
        line
          .replace(' -o', ' --ops')
          .replace('--tun-csum', '--tun-csum -x 100 -y 80')
          .replace(/(-r \[fd00::10\]:443 .*)/, '$1 -x 7')
          .replace(/(-f 7 -r .*)/, '$1 -x 5'),
      );
    expect(rulesLines(rules)).to.deep.equal(lines);
  });

  it('leaves the rules as they are when the listing is empty', () => {
    const rules = parseIpvsRules(save);
    expect(withThresholds(rules, '')).to.equal(rules);
  });
});

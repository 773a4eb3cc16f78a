import { expect } from 'chai';
import { isFinding, planFixes } from '../../../lib/fixes/plan.ts';
import { filesOf, repeatable, settingsOf, sysctlPathsOf, unitsOf } from '../../../lib/fixes/settings.ts';
import type { Remedy } from '../../../lib/model/evidence.ts';
import type { Verdict } from '../../../lib/model/verdict.ts';

const aVerdict = (check: string, host: string, change: Partial<Verdict> = {}): Verdict => ({
  check,
  title: check,
  severity: 'mandatory',
  stage: 'pre',
  subject: { host },
  outcome: 'fail',
  reason: `${host} is wrong`,
  found: 0,
  expected: 1,
  evidence: [],
  durationMs: 1,
  ...change,
});
const aRemedy = (host: string, change: Partial<Remedy> = {}): Remedy => ({
  host,
  summary: 'Mend it',
  commands: ['sysctl -w net.ipv4.ip_forward=1'],
  persistent: ["echo 'net.ipv4.ip_forward=1' >> /etc/sysctl.d/99-lvs.conf"],
  undo: ['sysctl -w net.ipv4.ip_forward=0'],
  ...change,
});

describe('plan of fixes', () => {
  it('has one fix for each finding with a remedy, and nothing for what passes', () => {
    const plan = planFixes(
      [
        aVerdict('director/ip-forward', 'director1', { remedy: aRemedy('director1') }),
        aVerdict('director/vip', 'director1', { outcome: 'pass' }),
        aVerdict('real-server/address', 'rs1', { outcome: 'error', remedy: aRemedy('rs1') }),
        aVerdict('real-server/address', 'rs2', { outcome: 'waived', remedy: aRemedy('rs2') }),
      ],
      { why: (check) => `why ${check}` },
    );
    expect(plan.left).to.deep.equal([]);
    expect(plan.fixes).to.deep.equal([
      {
        number: 1,
        host: 'director1',
        summary: 'Mend it',
        findings: [
          {
            check: 'director/ip-forward',
            host: 'director1',
            outcome: 'fail',
            reason: 'director1 is wrong',
            why: 'why director/ip-forward',
            found: 0,
            expected: 1,
          },
        ],
        commands: ['sysctl -w net.ipv4.ip_forward=1'],
        persistent: [
          "grep -qsxF -- 'net.ipv4.ip_forward=1' /etc/sysctl.d/99-lvs.conf || echo 'net.ipv4.ip_forward=1' >> /etc/sysctl.d/99-lvs.conf",
        ],
        undo: ['sysctl -w net.ipv4.ip_forward=0'],
      },
    ]);
  });

  it('runs a line that two findings have once, also when a third one brings them together', () => {
    const [one, two, three] = [
      aRemedy('rs1', { commands: ['echo a'], persistent: [], undo: ['undo a'] }),
      aRemedy('rs1', { commands: ['echo b'], persistent: [], undo: ['undo b'] }),
      aRemedy('rs1', { commands: ['echo a', 'echo b', 'echo c'], persistent: [], undo: ['undo b', 'undo c'] }),
    ];
    const other = aRemedy('rs2', { commands: ['echo a'], persistent: [] });
    const { fixes } = planFixes([
      aVerdict('real-server/a', 'rs1', { remedy: one }),
      aVerdict('real-server/b', 'rs1', { remedy: two }),
      aVerdict('real-server/a', 'rs2', { remedy: other }),
      aVerdict('real-server/c', 'rs1', { remedy: three }),
    ]);
    expect(fixes.map(({ host, commands }) => [host, commands])).to.deep.equal([
      ['rs1', ['echo b', 'echo a', 'echo c']],
      ['rs2', ['echo a']],
    ]);
    expect(fixes[0]?.findings.map(({ check }) => check)).to.have.members([
      'real-server/a',
      'real-server/b',
      'real-server/c',
    ]);
    expect(fixes[0]?.undo).to.have.members(['undo a', 'undo b', 'undo c']).and.have.length(3);
  });

  it('tells of remedies that want one setting to be two things, and takes neither', () => {
    const remedy = (value: number) =>
      aRemedy('rs1', { commands: [`sysctl -w net.ipv4.conf.all.rp_filter=${value}`], persistent: [] });
    const { fixes, left } = planFixes([
      aVerdict('real-server/a', 'rs1', { remedy: remedy(0) }),
      aVerdict('real-server/b', 'rs1', { remedy: remedy(2) }),
      aVerdict('real-server/c', 'rs2', { remedy: aRemedy('rs2') }),
    ]);
    expect(fixes.map(({ host }) => host)).to.deep.equal(['rs2']);
    expect(left.map(({ why }) => why)).to.deep.equal(
      Array.from(
        { length: 2 },
        () =>
          'remedies want sysctl net.ipv4.conf.all.rp_filter of rs1 to be different things: 0 (real-server/a@rs1) and 2 (real-server/b@rs1); decide which',
      ),
    );
  });

  for (const [what, change, why] of [
    ['no remedy', undefined, /no remedy that would be right on every host/],
    ['no way back', { undo: [] }, /nothing takes it back/],
    ['rules of IPVS', { commands: ['ipvsadm -A -t 192.0.2.1:80'] }, /ipvet rules apply/],
    ['a secret', { commands: ['echo [redacted]'] }, /hold a secret/],
    ['more than single lines', { commands: ['echo a\n@end'] }, /not single lines/],
    ['a host outside --limit', {}, /--limit leaves out/],
  ] as const)
    it(`leaves to the operator: ${what}`, () => {
      const remedy = change === undefined ? {} : { remedy: aRemedy('rs1', change) };
      const limit = what.includes('--limit') ? ['director1'] : [];
      const { fixes, left } = planFixes([aVerdict('real-server/a', 'rs1', remedy)], { limit });
      expect(fixes).to.deep.equal([]);
      expect(left[0]?.why).to.match(why);
    });

  it('takes a finding by check, check and host, or folder', () => {
    const verdict = aVerdict('real-server/reply-route', 'rs2');
    for (const word of ['real-server', 'real-server/reply-route', 'real-server@rs2', 'real-server/reply-route@rs2'])
      expect(isFinding(word, verdict), word).to.equal(true);
    for (const word of ['real-server/reply', 'director', 'real-server/reply-route@rs1'])
      expect(isFinding(word, verdict), word).to.equal(false);
  });
});

describe('lines of remedies', () => {
  it('are made to be run again', () => {
    expect(repeatable('ip -6 address add fd00::1/128 dev lo')).to.equal('ip -6 address replace fd00::1/128 dev lo');
    expect(repeatable('iptables -t mangle -I PREROUTING 1 -p tcp -j ACCEPT')).to.equal(
      'iptables -t mangle -C PREROUTING -p tcp -j ACCEPT 2>/dev/null || iptables -t mangle -I PREROUTING 1 -p tcp -j ACCEPT',
    );
    expect(repeatable("echo 'a' > /etc/a")).to.equal("echo 'a' > /etc/a");
  });

  it('say what they set and touch', () => {
    expect(settingsOf('ip route replace default via 10.0.0.1 dev eth0')).to.deep.equal([
      { name: 'ip route default', value: 'via 10.0.0.1 dev eth0' },
    ]);
    expect(settingsOf("echo 'net.ipv4.ip_forward=1' >> /etc/sysctl.conf")).to.deep.equal([
      { name: 'net.ipv4.ip_forward in /etc/sysctl.conf', value: '1' },
    ]);
    expect(filesOf(["sed -i.bak 's/x\\/etc\\/y/z/' /etc/network/interfaces; cat '/etc/../root'"])).to.deep.equal([
      '/etc/network/interfaces',
    ]);
    expect(
      sysctlPathsOf(['sysctl -w net.ipv4.conf.eth0/100.rp_filter=0 net/ipv4/conf/eth1.5/rp_filter=0']),
    ).to.deep.equal(['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth1.5/rp_filter']);
    expect(unitsOf(['systemctl enable --now chrony || systemctl restart nginx.service'])).to.deep.equal([
      'chrony',
      'nginx.service',
    ]);
  });
});

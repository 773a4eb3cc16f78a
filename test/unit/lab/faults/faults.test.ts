import { readdirSync } from 'node:fs';

import { expect } from 'chai';

import { faultNamed, faults } from '../../../../lab/faults/index.ts';
import { faultIds } from '../../../../lib/model/fault-id.ts';
import { nat } from '../../../../lab/topologies/nat.ts';
import { IpvetError } from '../../../../lib/errors.ts';

const notFaults = ['fault.ts', 'index.ts', 'injection.ts', 'means.ts'];

describe('lab faults', () => {
  it('are one to a file, and all registered once', () => {
    const files = readdirSync(new URL('../../../../lab/faults', import.meta.url));
    const ids = files.filter((file) => !notFaults.includes(file)).map((file) => file.replace(/\.ts$/, ''));
    expect(faults.map(({ id }) => id).sort()).to.deep.equal(ids.sort());
  });

  it('go on a host that exists, and expect to be named as the cause', () => {
    const { hosts } = nat({
      realServers: 3,
      kinds: { client: 'netns', infrastructure: 'netns', director: 'uml', 'real-server': 'uml' },
    });
    for (const fault of faults) {
      expect(hosts.find(({ name }) => name === fault.defaultHost)?.role).to.equal(fault.targets);
      const expected = fault.expect(fault.defaultHost);
      expect(expected.exitCode).to.equal(1);
      expect(expected.diagnoses[0]).to.deep.include({ cause: fault.id, host: fault.defaultHost });
      expect(expected.verdicts).not.to.be.empty;
    }
  });

  it('are of the catalogue', () => {
    expect(faultIds).to.include.members(faults.map(({ id }) => id));
  });

  it('bring nothing back that is not what they looked for', () => {
    const hostile = [
      'x; reboot',
      '$(reboot)',
      'a = 1; reboot',
      '-a -t 1.2.3.4:80 -r `reboot`',
      '2: eth0 inet $(x)/32 y',
    ];
    for (const fault of faults.filter(({ find }) => find !== ':'))
      for (const found of hostile) expect(() => fault.revert(found), fault.id).to.throw(IpvetError, /to bring back/);
  });

  it('bring back an address, a setting and rules as they were', () => {
    const address =
      '2: eth0    inet 192.168.122.100/32 scope global eth0\\       valid_lft forever preferred_lft forever\n';
    expect(faultNamed('vip-absent-on-director').revert(address)).to.equal('ip address add 192.168.122.100/32 dev eth0');
    expect(faultNamed('director-ip-forward-off').revert('net.ipv4.ip_forward = 1\n')).to.equal(
      'sysctl -qw net.ipv4.ip_forward=1',
    );
    const rules = '-A -t 192.168.122.100:80 -s rr\n-a -t 192.168.122.100:80 -r 10.10.10.10:80 -m -w 1\n';
    expect(faultNamed('weight-zero').revert(rules)).to.equal(`ipvsadm -C && ipvsadm -R <<'END'\n${rules}END`);
  });

  it('that do not exist are a usage error', () => {
    expect(() => faultNamed('no-such'))
      .to.throw(IpvetError)
      .that.includes({ code: 'USAGE' });
  });
});

describe('lab fault nat-rs-gateway-not-director', () => {
  const fault = faultNamed('nat-rs-gateway-not-director');

  it('brings back every default route it found, as it was', () => {
    const found = 'default via 10.10.10.1 dev eth0 proto static onlink \ndefault via 10.10.10.3 dev eth0 metric 100 \n';
    expect(fault.revert(found)).to.equal(
      'ip -4 route flush exact 0.0.0.0/0' +
        ' && ip -4 route add default via 10.10.10.1 dev eth0 proto static onlink' +
        ' && ip -4 route add default via 10.10.10.3 dev eth0 metric 100',
    );
  });

  it('leaves a host without default route when it had none', () => {
    expect(fault.revert('\n')).to.equal('ip -4 route flush exact 0.0.0.0/0');
  });

  it('runs nothing that is not a route', () => {
    for (const found of ['default via $(reboot)', 'default via 1.2.3.4; reboot', 'reboot']) {
      expect(() => fault.revert(found)).to.throw(IpvetError, /not a default route/);
    }
  });
});

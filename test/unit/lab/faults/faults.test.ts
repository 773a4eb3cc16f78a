import { readdirSync } from 'node:fs';

import { expect } from 'chai';

import { faultNamed, faults } from '../../../../lab/faults/index.ts';
import { faultIds } from '../../../../lib/model/fault-id.ts';
import { ha } from '../../../../lab/topologies/ha.ts';
import { nat } from '../../../../lab/topologies/nat.ts';
import { IpvetError } from '../../../../lib/errors.ts';

const notFaults = ['fault.ts', 'index.ts', 'injection.ts', 'means.ts', 'packet-filter.ts'];

describe('lab faults', () => {
  it('are one to a file with all ways to it, and all registered once', () => {
    const files = readdirSync(new URL('../../../../lab/faults', import.meta.url));
    const ids = files.filter((file) => !notFaults.includes(file)).map((file) => file.replace(/\.ts$/, ''));
    expect([...new Set(faults.map(({ cause }) => cause))].toSorted()).to.deep.equal(ids.toSorted());
    expect(new Set(faults.map(({ id }) => id)).size).to.equal(faults.length);
  });

  it('go by their id in the catalogue, and other ways by that and a name', () => {
    for (const { id, cause } of faults) expect([cause, id.replace(/\/[a-z0-9-]+$/, '')]).to.deep.equal([cause, cause]);
  });

  it('go on a host that exists, and expect to be named as the cause, or that nothing is', () => {
    const options = {
      realServers: 3,
      kinds: { client: 'netns', infrastructure: 'netns', director: 'uml', 'real-server': 'uml' },
    } as const;
    for (const fault of faults) {
      const { hosts } =
        fault.topologies.includes('ha-nat') || fault.topologies.includes('ha') ? ha(options) : nat(options);
      expect(hosts.find(({ name }) => name === fault.defaultHost)?.role).to.equal(fault.targets);
      if (fault.beside !== undefined) expect(hosts.map(({ name }) => name)).to.include(fault.beside.on);
      for (const topology of fault.topologies) {
        const { exitCode, diagnoses, verdicts } = fault.expect(fault.defaultHost, topology);
        // A health check that sees too little makes nothing fail: what it did not see does.
        const named = fault.cause === 'healthcheck-false-positive' ? 'rs-vip-missing' : fault.cause;
        expect(diagnoses.map(({ cause }) => cause)).to.be.deep.oneOf([[], [named]]);
        expect([...diagnoses, ...verdicts]).not.to.be.empty;
        expect(exitCode).to.equal(diagnoses.length > 0 || verdicts.some(({ outcome }) => outcome === 'fail') ? 1 : 0);
      }
    }
  });

  it('are of the catalogue', () => {
    expect(faultIds).to.include.members(faults.map(({ cause }) => cause));
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
      "sysctl -qw 'net.ipv4.ip_forward=1'",
    );
    expect(faultNamed('client-port-exhaustion').revert('net.ipv4.ip_local_port_range = 32768\t60999\n')).to.equal(
      "sysctl -qw 'net.ipv4.ip_local_port_range=32768\t60999'",
    );
    const six =
      '1: lo    inet6 fd00:122::100/128 scope global deprecated nodad \\       valid_lft forever preferred_lft 0sec\n';
    expect(faultNamed('rs-vip-missing/v6').revert(six)).to.equal(
      'ip address add fd00:122::100/128 dev lo nodad preferred_lft 0',
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

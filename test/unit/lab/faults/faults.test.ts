import { readdirSync } from 'node:fs';

import { expect } from 'chai';

import { faultNamed, faults } from '../../../../lab/faults/index.ts';
import { nat } from '../../../../lab/topologies/nat.ts';
import { IpvetError } from '../../../../lib/errors.ts';

const notFaults = ['fault.ts', 'index.ts', 'injection.ts'];

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

import { expect } from 'chai';
import {
  endpoint,
  entryOf,
  includesAddress,
  inPrefix,
  isAddress,
  isIpv6,
  isLoopback,
  sameAddress,
} from '../../../checks/address.ts';
import { anAddress } from '../../host-facts.ts';

describe('addresses', () => {
  it('are the same by value', () => {
    expect(sameAddress('FD00::1', 'fd00:0:0::1')).to.equal(true);
    expect(sameAddress('::ffff:10.0.0.1', '10.0.0.1')).to.equal(true);
    expect(sameAddress('10.0.0.1', '10.0.0.10')).to.equal(false);
    expect(sameAddress('nonsense', '10.0.0.1')).to.equal(false);
    expect(includesAddress(['10.0.0.2', 'fd00::1'], 'FD00::1')).to.equal(true);
  });

  it('lie in a prefix, or do not, or it cannot be read', () => {
    expect(inPrefix('10.1.2.3', '10.0.0.0/8')).to.equal(true);
    expect(inPrefix('11.1.2.3', '10.0.0.0/8')).to.equal(false);
    expect(inPrefix('10.0.0.1', '10.0.0.1')).to.equal(true);
    expect(inPrefix('fd00::1', '10.0.0.0/8')).to.equal(false);
    expect(inPrefix('fd00::1', 'fd00::/64')).to.equal(true);
    expect(inPrefix('10.0.0.1', '@set')).to.equal(undefined);
    expect(inPrefix('10.0.0.1', '10.0.0.0/99')).to.equal(undefined);
    expect(inPrefix('nonsense', '10.0.0.0/8')).to.equal(undefined);
  });

  it('have a kind', () => {
    expect([isIpv6('fd00::1'), isIpv6('10.0.0.1'), isAddress('lb1.mgmt')]).to.deep.equal([true, false, false]);
    expect([isLoopback('127.0.1.1'), isLoopback('::1'), isLoopback('10.0.0.1')]).to.deep.equal([true, true, false]);
  });

  it('are written with a port', () => {
    expect(endpoint('10.0.0.1', 80)).to.equal('10.0.0.1:80');
    expect(endpoint('fd00::1', 80)).to.equal('[fd00::1]:80');
  });

  it('are found on the interface that is up', () => {
    const entries = [anAddress('eth0', '10.0.0.1', { up: false }), anAddress('eth1', '10.0.0.1')];
    expect(entryOf(entries, '10.0.0.1')?.interface).to.equal('eth1');
    expect(entryOf(entries.slice(0, 1), '10.0.0.1')?.interface).to.equal('eth0');
    expect(entryOf(entries, '10.0.0.2')).to.equal(undefined);
  });
});

import { expect } from 'chai';
import { eitherOn, greaterOf, interfaceKeys, redirectsAccepted } from '../../../checks/interface-setting.ts';

const of = (setting: string, all: string, own: string) => ({
  [`net.ipv4.conf.all.${setting}`]: all,
  [`net.ipv4.conf.eth0.${setting}`]: own,
});

describe('a setting of all and of one interface', () => {
  it('is the greater of the two for rp_filter and ARP', () => {
    expect(greaterOf(of('rp_filter', '1', '0'), 'rp_filter', 'eth0')).to.equal(1);
    expect(greaterOf(of('rp_filter', '1', '2'), 'rp_filter', 'eth0')).to.equal(2);
    expect(greaterOf({ 'net.ipv4.conf.all.rp_filter': '1' }, 'rp_filter', 'eth0')).to.equal(undefined);
    expect(greaterOf(of('rp_filter', 'x', '0'), 'rp_filter', 'eth0')).to.equal(undefined);
  });

  it('is on where either is for redirects sent', () => {
    expect(eitherOn(of('send_redirects', '0', '1'), 'send_redirects', 'eth0')).to.equal(true);
    expect(eitherOn(of('send_redirects', '1', '0'), 'send_redirects', 'eth0')).to.equal(true);
    expect(eitherOn(of('send_redirects', '0', '0'), 'send_redirects', 'eth0')).to.equal(false);
    expect(eitherOn({}, 'send_redirects', 'eth0')).to.equal(undefined);
  });

  it('takes both for redirects believed by a host that forwards, and either by one that does not', () => {
    const forwards = (value: string) => ({ 'net.ipv4.ip_forward': value });
    const mixed = of('accept_redirects', '0', '1');
    expect(redirectsAccepted({ ...mixed, ...forwards('0') }, 'eth0')).to.equal(true);
    expect(redirectsAccepted({ ...mixed, ...forwards('1') }, 'eth0')).to.equal(false);
    expect(redirectsAccepted({ ...mixed, ...forwards('1'), 'net.ipv4.conf.eth0.forwarding': '0' }, 'eth0')).to.equal(
      true,
    );
    expect(redirectsAccepted(mixed, 'eth0')).to.equal(undefined);
  });

  it('writes the dot of a VLAN interface as sysctl does', () => {
    expect(interfaceKeys('rp_filter', 'eth0.100')[1]).to.equal('net.ipv4.conf.eth0/100.rp_filter');
  });
});

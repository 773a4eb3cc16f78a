import { expect } from 'chai';
import { virtualAddresses } from '../../../../checks/ha/virtual-addresses.ts';
import type { VrrpAddress } from '../../../../lib/model/facts.ts';
import { finding } from '../../../judgement.ts';
import { anInstance, aNatPair, aPair, conf } from '../../../pair-facts.ts';
import { confWith, nowhere, pairJudged, unsure } from './pair.ts';

const cluster = aPair();
const entry = (address: string, prefixLength?: number): VrrpAddress => ({
  path: conf,
  line: 13,
  address,
  ...(prefixLength === undefined ? {} : { prefixLength }),
});
const vip = entry('192.168.122.100', 32);
const second = (addresses: readonly VrrpAddress[], excluded: readonly VrrpAddress[] = []) =>
  pairJudged(virtualAddresses, { director2: confWith(cluster, 'director2', { addresses, excluded }) });

describe('ha/virtual-addresses', () => {
  it('passes for the same ones, with and without the mask that goes without saying', () => {
    expect(pairJudged(virtualAddresses).outcome).to.equal('pass');
    expect(second([entry('192.168.122.100')]).outcome).to.equal('pass');
  });

  it('fails for one more, one less, another mask and another excluded one', () => {
    expect(finding(second([vip, entry('192.168.122.101', 32)])).reason)
      .to.include('192.168.122.101/32')
      .and.include('on director2 only');
    expect(finding(second([entry('192.168.122.100', 24)])).reason)
      .to.include('192.168.122.100/24')
      .and.include('192.168.122.100/32');
    const { reason, faults } = finding(second([vip], [entry('10.0.0.1', 24)]));
    expect(reason).to.include('virtual_ipaddress_excluded');
    expect(faults).to.deep.equal(['vrrp-vip-list-mismatch']);
  });

  it('fails for an instance that one director alone has', () => {
    const nat = aNatPair();
    const judged = pairJudged(
      virtualAddresses,
      { director2: confWith(nat, 'director2', {}, { instances: [anInstance()] }) },
      nat,
    );
    expect(finding(judged).reason).to.include('VI_GATEWAY is on director1').and.include('nothing like it on director2');
  });

  it('fails where no instance has the VIP', () => {
    const elsewhere = { addresses: [entry('10.0.0.1', 24)] };
    const judged = pairJudged(virtualAddresses, {
      director1: confWith(cluster, 'director1', elsewhere),
      director2: confWith(cluster, 'director2', elsewhere),
    });
    expect(finding(judged).reason).to.include('No vrrp_instance').and.include('192.168.122.100');
  });

  it('does not apply without keepalived, and cannot tell past what is not known', () => {
    expect(pairJudged(virtualAddresses, { director1: nowhere }).outcome).to.equal('not-applicable');
    expect(pairJudged(virtualAddresses, { director1: confWith(cluster, 'director1', {}, unsure) }).outcome).to.equal(
      'error',
    );
  });
});

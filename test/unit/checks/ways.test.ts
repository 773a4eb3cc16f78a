import { expect } from 'chai';
import { wayText, wayTo } from '../../../checks/ways.ts';
import { aRoute } from '../../host-facts.ts';

describe('the way to an address', () => {
  it('is the one asked for without a source', () => {
    const routes = [aRoute('10.0.0.1', { from: '10.0.0.9', gateway: '10.0.0.254' }), aRoute('10.0.0.1')];
    expect(wayTo(routes, '10.0.0.1')).to.equal(routes[1]);
    expect(wayTo(routes.slice(0, 1), '10.0.0.1')).to.equal(undefined);
  });

  it('reads as an operator says it', () => {
    expect(wayText(aRoute('10.0.0.1'))).to.equal('on link dev eth0');
    expect(wayText(aRoute('10.0.0.1', { gateway: '10.0.0.254' }))).to.equal('via 10.0.0.254 dev eth0');
    expect(wayText(aRoute('10.0.0.1', { outcome: 'blackhole' }))).to.equal('blackhole');
    expect(wayText(undefined)).to.equal('not asked');
  });
});

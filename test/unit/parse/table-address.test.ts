import { expect } from 'chai';
import fc from 'fast-check';
import {
  addressFromTable,
  addressInTable,
  endpoint,
  portFromTable,
  portInTable,
} from '../../../lib/parse/table-address.ts';

describe('addresses of the connection table', () => {
  it('reads what the kernel prints', () => {
    expect(addressFromTable('0A0A0A14')).to.equal('10.10.10.20');
    expect(addressFromTable('C0A87A64')).to.equal('192.168.122.100');
    expect(addressFromTable('fd00:0000:0000:0000:0000:0000:0000:0014')).to.equal('fd00::14');
    expect(addressFromTable('0000:0000:0000:0000:0000:0000:0000:0001')).to.equal('::1');
    expect(portFromTable('0050')).to.equal(80);
    expect(portFromTable('FFFF')).to.equal(65535);
  });

  it('writes them as the kernel does', () => {
    expect(addressInTable('192.168.122.100')).to.equal('C0A87A64');
    expect(addressInTable('fd00::14')).to.equal('fd00:0000:0000:0000:0000:0000:0000:0014');
    expect(addressInTable('FD00:0:0:0:1:2:3:4')).to.equal('fd00:0000:0000:0000:0001:0002:0003:0004');
    expect(addressInTable('::')).to.equal('0000:0000:0000:0000:0000:0000:0000:0000');
    expect(portInTable(80)).to.equal('0050');
  });

  it('refuses what is no address', () => {
    for (const text of ['', 'IP', '0A0A0A1', '0A0A0A145', 'ZZZZZZZZ', 'fd00::14']) {
      expect(() => addressFromTable(text), text).to.throw('ip_vs_conn');
    }
    for (const text of ['', '1.2.3', '1.2.3.999', 'host']) expect(() => addressInTable(text), text).to.throw();
    expect(() => portFromTable('50')).to.throw();
  });

  it('comes back unchanged', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const there = addressInTable(address);
        expect(addressInTable(addressFromTable(there))).to.equal(there);
        if (!address.includes(':')) expect(addressFromTable(there)).to.equal(address);
        expect(there).to.match(/^([0-9A-F]{8}|([0-9a-f]{4}:){7}[0-9a-f]{4})$/);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65535 }), (port) => {
        expect(portFromTable(portInTable(port))).to.equal(port);
      }),
    );
  });

  it('joins address and port as ipvsadm does', () => {
    expect(endpoint('10.10.10.20', 80)).to.equal('10.10.10.20:80');
    expect(endpoint('fd00::14', 80)).to.equal('[fd00::14]:80');
  });
});

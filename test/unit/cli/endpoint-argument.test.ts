import { expect } from 'chai';
import { endpointArgument, serviceArgument } from '../../../cli/endpoint-argument.ts';
import { IpvetError } from '../../../lib/errors.ts';

const refusal = (work: () => unknown): IpvetError => {
  try {
    work();
  } catch (error) {
    if (error instanceof IpvetError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('an address on the command line', () => {
  for (const [text, address, port] of [
    ['192.0.2.1', '192.0.2.1', undefined],
    ['192.0.2.1:40001', '192.0.2.1', 40_001],
    ['2001:DB8:0::1', '2001:db8::1', undefined],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
    ['2001:db8::1:80', '2001:db8::1:80', undefined],
  ] as const)
    it(`${text} is taken`, () => {
      expect(endpointArgument(text, 'CIP[:PORT]')).to.deep.equal(port === undefined ? { address } : { address, port });
    });

  for (const [text, says] of [
    ['', /no IP address/],
    ['www.example.com:80', /give an address and not a name/],
    ['192.0.2', /no IP address/],
    ['192.0.2.256:80', /no IP address/],
    ['[192.0.2.1]:80', /no IP address/],
    ['2001:db8::1::2', /\[2001:db8::1\]:80/],
    ['[2001:db8::1', /no IP address/],
    ['192.0.2.1:0', /1 to 65535/],
    ['192.0.2.1:65536', /1 to 65535/],
    ['192.0.2.1:', /1 to 65535/],
    ['192.0.2.1:http', /no IP address/],
    ['0.0.0.0:80', /stands for any address/],
    ['[ff02::1]:80', /multicast/],
    ['192.0.2.1\u001B[2J', /\\u001b/],
  ] as const)
    it(`${JSON.stringify(text)} is refused`, () => {
      const { code, message, hint = '' } = refusal(() => endpointArgument(text, 'CIP[:PORT]'));
      expect(code).to.equal('USAGE');
      expect(`${message} ${hint}`).to.match(says);
    });

  it('of a service has its port', () => {
    expect(serviceArgument('192.0.2.1:80', 'VIP:PORT')).to.deep.equal({ address: '192.0.2.1', port: 80 });
    expect(refusal(() => serviceArgument('192.0.2.1', 'VIP:PORT')).hint).to.contain('192.0.2.1:80');
    expect(refusal(() => serviceArgument('fd00::1', 'VIP:PORT')).hint).to.contain('[fd00::1]:80');
  });
});

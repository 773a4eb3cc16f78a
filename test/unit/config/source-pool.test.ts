import { expect } from 'chai';
import { addressesOf } from '../../../lib/config/source-pool.ts';
import { parseCluster } from '../../../lib/config/load.ts';
import { ConfigError } from '../../../lib/config/problem.ts';

const file = (client: string) => `version: 1
name: web
environment: lab
directors: [{ name: director1, dip: 10.10.10.1, interface: eth1 }]
real_servers: [{ name: rs1, rip: 10.10.10.10 }]
clients: [{ name: client1, host: localhost, ${client} }]
virtual_services: [{ name: web, vip: 192.168.122.100, port: 80, forwarding: nat }]
`;
const clientOf = (client: string) => parseCluster(file(client), 'cluster.yaml').clients[0];
const problem = (client: string): string => {
  try {
    parseCluster(file(client), 'cluster.yaml');
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return (error as ConfigError).problems.map(({ message, hint = '' }) => `${message}; ${hint}`).join('\n');
  }
  throw new Error(`${client} was accepted`);
};

describe('source addresses of a client', () => {
  it('are one, a range, or a list of both, in order', () => {
    expect(clientOf('cip: 192.168.122.1')).to.include({ cip: '192.168.122.1' }).and.not.have.property('pool');
    expect(clientOf('cip: 192.168.122.1-192.168.122.1')).to.not.have.property('pool');
    expect(clientOf('interface: eth0, cip: 192.168.122.254-192.168.123.1')?.pool).to.deep.equal([
      '192.168.122.254',
      '192.168.122.255',
      '192.168.123.0',
      '192.168.123.1',
    ]);
    const client = clientOf("interface: eth0, cip: [192.168.122.9, '192.168.122.3 - 192.168.122.4']");
    expect(client).to.deep.include({ cip: '192.168.122.9', pool: ['192.168.122.9', '192.168.122.3', '192.168.122.4'] });
    expect(addressesOf('fd00::fffe-fd00::1:1')).to.deep.equal(['fd00::fffe', 'fd00::ffff', 'fd00::1:0', 'fd00::1:1']);
  });

  it('that cannot be are told by name, and none of a huge range is counted out', () => {
    expect(problem('cip: 192.168.122.1-x')).to.include('neither an address nor a range');
    expect(problem('interface: eth0, cip: 192.168.122.9-192.168.122.1')).to.include('is no range');
    expect(problem('interface: eth0, cip: 192.168.122.9-fd00::1')).to.include('is no range');
    expect(problem("interface: eth0, cip: 'fd00::-fd00:ffff::'")).to.include('a pool has 256 addresses at most');
    expect(problem('interface: eth0, cip: [192.168.122.5, 192.168.122.4-192.168.122.6]')).to.include(
      'in the pool twice',
    );
    expect(problem('interface: eth0, cip: 192.168.122.99-192.168.122.101')).to.include(
      '192.168.122.100 is the VIP of web',
    );
    expect(problem('interface: eth0, cip: 10.10.10.1-10.10.10.10')).to.include('10.10.10.1 is the DIP of director1');
    expect(problem('interface: eth0, cip: [192.168.122.1, fd00::1]')).to.include('one family');
    expect(problem('cip: 192.168.122.1-192.168.122.4')).to.include('no `interface`');
    expect(problem('interface: eth0, cip: []')).to.include('is empty');
    expect(problem('cip: 224.0.0.1')).to.include('multicast');
  });

  it('are a pool only on this machine, where load comes from', () => {
    const text = file('interface: eth0, cip: 192.168.122.1-192.168.122.4').replace(
      'host: localhost',
      'host: client.example',
    );
    expect(() => parseCluster(text, 'cluster.yaml')).to.throw(ConfigError, /load comes from this machine/);
  });
});

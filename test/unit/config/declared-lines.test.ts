import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pathInRepository } from '../../../lib/config/declared-lines.ts';
import { parseCluster } from '../../../lib/config/load.ts';
import { summaryOf } from '../../../lib/run/summary.ts';

const text = `version: 1
name: web-lvs
environment: lab
directors:
  - { name: director1, host: lb1, dip: 10.10.10.1, interface: eth1 }
real_servers:
  - name: rs1
    rip: 10.10.10.10
  - host: 10.10.10.20
    name: rs2
    rip: 10.10.10.20
virtual_services:
  - name: web
    vip: 192.168.122.100
    port: 80
    forwarding: nat
`;

describe('where a cluster file declares what', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipvet-lines-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('is in the record: the line of each name', () => {
    const { file, hosts, services } = summaryOf(parseCluster(text, join(directory, 'cluster.yaml')));
    expect(file).to.equal('cluster.yaml');
    expect(hosts.map(({ name, line }) => [name, line])).to.deep.equal([
      ['director1', 5],
      ['rs1', 7],
      ['rs2', 10],
    ]);
    expect(services.map(({ line }) => line)).to.deep.equal([13]);
  });

  it('is told by the path within the repository, and by the name alone outside of one', () => {
    mkdirSync(join(directory, 'repository', '.git'), { recursive: true });
    expect(pathInRepository(join(directory, 'repository', 'deploy', 'a.yaml'))).to.equal('deploy/a.yaml');
    expect(pathInRepository(join(directory, 'a.yaml'))).to.equal('a.yaml');
  });
});

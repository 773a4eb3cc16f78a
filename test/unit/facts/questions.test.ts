import { expect } from 'chai';

import { questionsFor } from '../../../lib/facts/questions.ts';
import { aClient, aCluster, aRealServer, cip, dip, hostNamed, vip } from '../../builders.ts';

describe('questions to a host', () => {
  const cluster = aCluster({ dns: [{ name: 'www.example.com', address: vip, server: '192.168.122.2' }] });
  const asked = (name: string) => questionsFor(cluster, hostNamed(cluster, name), ['routes', 'routes', 'os']);
  const [director] = cluster.directors;
  const [first] = cluster.realServers;
  const rips = cluster.realServers.map(({ rip }) => rip);

  it('asks a director the way to every real server and client, and for every page', () => {
    const { routesTo, httpGets, schedulers } = asked(director?.name ?? '');
    expect(routesTo.map(({ destination }) => destination)).to.deep.equal([...rips, cip, vip]);
    expect(httpGets.map(({ url }) => url)).to.deep.equal(rips.map((rip) => `http://${rip}:80/`));
    expect(schedulers).to.deep.equal(['rr']);
  });

  it('asks a real server the way back to the clients, and for its own page alone', () => {
    const { routesTo, httpGets, schedulers } = asked(first?.name ?? '');
    expect(routesTo).to.deep.equal([
      { destination: cip },
      { destination: dip },
      { destination: cip, from: first?.rip },
      { destination: '192.0.2.0', from: first?.rip },
    ]);
    expect(httpGets.map(({ url }) => url)).to.deep.equal([`http://${first?.rip ?? ''}:80/`]);
    expect(schedulers).to.deep.equal([]);
  });

  it('asks a client the way to the VIP, and fetches nothing', () => {
    const { routesTo, httpGets } = asked(cluster.clients[0]?.name ?? '');
    expect(routesTo).to.deep.equal([{ destination: vip }]);
    expect(httpGets).to.deep.equal([]);
  });

  it('asks for each fact once, for the names of the file, and for the other hosts', () => {
    const { facts, names, peers } = asked(first?.name ?? '');
    expect(facts).to.deep.equal(['routes', 'os']);
    expect(names).to.deep.equal([{ name: 'www.example.com' }]);
    expect(peers).to.include(dip).and.not.include(first?.rip);
  });

  it('has a client ask the name server that is declared, and the others their own', () => {
    const { names } = asked(cluster.clients[0]?.name ?? '');
    expect(names).to.deep.equal([{ name: 'www.example.com', server: '192.168.122.2' }]);
    expect(asked(director?.name ?? '').names).to.deep.equal([{ name: 'www.example.com' }]);
  });

  it('puts an IPv6 address of a page in brackets', () => {
    const server = aRealServer(1, { rip: '2001:db8::11' });
    const six = aCluster({
      realServers: [server],
      clients: [aClient({ cip: '2001:db8::1' })],
      virtualServices: cluster.virtualServices.map((service) => ({
        ...service,
        destinations: [{ realServer: server, port: 8080, weight: 1 }],
      })),
    });
    expect(questionsFor(six, server, []).httpGets[0]?.url).to.equal('http://[2001:db8::11]:8080/');
  });
});

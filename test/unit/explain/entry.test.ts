import { expect } from 'chai';
import {
  aFlow,
  destination,
  entries,
  entry,
  explained,
  inShort,
  persistent,
  refusedToTell,
  service,
  template,
  textOf,
} from './a-director.ts';

const withEntry = (state: string, change = {}) => entries({ entries: [entry({ state, ...change })] });

describe('explain: a live entry', () => {
  it('decides, and is quoted with state and time left', () => {
    const seen = explained({ entries: withEntry('ESTABLISHED') });
    expect(inShort(seen)).to.equal('rs2 by entry');
    expect(textOf(seen, 'entry')).to.equal('192.168.122.1:40001 → rs2 10.10.10.20:80, ESTABLISHED, 893 s left');
    expect(seen.steps.map(({ step, decides }) => [step, decides])).to.deep.equal([
      ['service', false],
      ['entry', true],
      ['template', false],
      ['scheduler', false],
    ]);
    expect(seen.lacking).to.deep.equal([]);
  });

  it('decides also where nothing else may be read', () => {
    const seen = explained({ entries: withEntry('ESTABLISHED') }, aFlow(), { rules: refusedToTell });
    expect(inShort(seen)).to.equal('rs2 by entry');
    expect(seen.lacking).to.deep.equal([]);
  });

  for (const [state, mode, forwarding, goes] of [
    ['TIME_WAIT', '1', 'nat', false],
    ['CLOSE', '1', 'nat', false],
    ['TIME_WAIT', '0', 'nat', true],
    ['FIN_WAIT', '1', 'dr', true],
    ['FIN_WAIT', '3', 'dr', false],
    ['FIN_WAIT', '3', 'nat', true],
    ['CLOSE_WAIT', '3', 'dr', true],
    ['SYN_RECV', '3', 'tun', true],
  ] as const)
    it(`in ${state} by ${forwarding} with conn_reuse_mode ${mode} ${goes ? 'keeps' : 'does not keep'} a new SYN`, () => {
      const listed = service({ destinations: [destination(2, { forwarding })] });
      const seen = explained({ services: [listed], entries: withEntry(state), sysctl: { conn_reuse_mode: mode } });
      expect(inShort(seen)).to.equal(goes ? 'rs2 by entry' : 'rs2 by scheduler');
      if (!goes) expect(textOf(seen, 'entry')).to.match(new RegExp(`scheduled anew: ${state}, and net.*is ${mode}`));
    });

  it('under persistence belongs to its template and is never taken for a new connection', () => {
    const seen = explained({ services: [service({ persistence: persistent })], entries: withEntry('TIME_WAIT') });
    expect(inShort(seen)).to.equal('rs2 by entry');
  });

  it('is rescheduled away from a quiesced real server with expire_nodest_conn alone', () => {
    const services = [service({ destinations: [destination(2, { weight: 0 }), destination(1)] })];
    const kept = explained({ services, entries: withEntry('ESTABLISHED') });
    expect(inShort(kept)).to.equal('rs2 by entry');
    const anew = explained({ services, entries: withEntry('ESTABLISHED'), sysctl: { expire_nodest_conn: '1' } });
    expect(inShort(anew)).to.equal('rs1 by scheduler');
  });

  it('says where net.ipv4.vs could not be read, and it would decide', () => {
    const seen = explained({ entries: withEntry('TIME_WAIT') }, aFlow(), { sysctl: refusedToTell });
    expect(inShort(seen)).to.equal('untold');
    expect(seen.lacking).to.have.lengthOf(1);
    const open = explained({ entries: withEntry('ESTABLISHED') }, aFlow(), { sysctl: refusedToTell });
    expect(inShort(open)).to.equal('rs2 by entry');
  });

  it('of a real server that was taken out drops packets, or goes with expire_nodest_conn', () => {
    const said = { services: [service({ destinations: [destination(1)] })], entries: withEntry('ESTABLISHED') };
    const dropped = explained(said);
    expect(inShort(dropped)).to.equal('dropped');
    expect(textOf(dropped, 'entry')).to.contain('10.10.10.20:80, no longer in the service').and.contain('893 s more');
    expect(inShort(explained({ ...said, sysctl: { expire_nodest_conn: '1' } }))).to.equal('rs1 by scheduler');
    expect(inShort(explained(said, aFlow(), { sysctl: refusedToTell }))).to.equal('untold');
  });

  it('of a service that was taken out comes before the director’s own answer', () => {
    const seen = explained({ services: [], entries: withEntry('ESTABLISHED') });
    expect(inShort(seen)).to.equal('dropped');
    expect(inShort(explained({ services: [], entries: entries() }))).to.equal('tcp-reset');
  });

  it('warns of a dropped SYN where connections are tracked', () => {
    const seen = explained({ entries: withEntry('TIME_WAIT'), sysctl: { conntrack: '1' } });
    expect(seen.notes.join()).to.contain('the first SYN over an old entry may be dropped');
  });

  it('of UDP keeps every datagram, and one-packet services have none', () => {
    const udp = service({ protocol: 'udp' });
    const flow = aFlow({ protocol: 'udp' });
    expect(inShort(explained({ services: [udp], entries: withEntry('UDP') }, flow))).to.equal('rs2 by entry');
    const seen = explained({ services: [{ ...udp, onePacket: true }], entries: withEntry('UDP') }, flow);
    expect(inShort(seen)).to.equal('rs3|rs2|rs1 by scheduler');
    expect(textOf(seen, 'entry')).to.contain('leaves no entry');
  });

  it('without a client port only lists, and says how many more', () => {
    const some = [40_001, 40_002].map((clientPort) => entry({ clientPort }));
    const seen = explained(
      { entries: entries({ entries: some, found: 25 }) },
      { client: '192.168.122.1', vip: '192.168.122.100', port: 80, protocol: 'tcp' },
    );
    expect(inShort(seen)).to.equal('rs3|rs2|rs1 by scheduler');
    const step = seen.steps.find((one) => one.step === 'entry');
    expect(step?.text).to.equal('25 of 192.168.122.1; what follows is of a connection from another port');
    expect(step?.details).to.deep.equal([
      '192.168.122.1:40001 → rs2 10.10.10.20:80, ESTABLISHED, 893 s left',
      '192.168.122.1:40002 → rs2 10.10.10.20:80, ESTABLISHED, 893 s left',
      'and 23 more',
    ]);
  });

  it('that was not found in the part that could be read is not taken for absent', () => {
    const seen = explained({ entries: entries({ extent: 'part', rows: 35_000 }) });
    expect(inShort(seen)).to.equal('untold');
    expect(seen.lacking.join()).to.contain('in the first 35000 rows');
  });

  it('that cannot be read leaves the answer open', () => {
    const seen = explained({}, aFlow(), { entries: refusedToTell });
    expect(inShort(seen)).to.equal('untold');
    expect(seen.lacking.join()).to.contain('needs root');
  });

  it('from a peer is told as such', () => {
    expect(textOf(explained({ entries: withEntry('ESTABLISHED', { fromPeer: true }) }), 'entry')).to.match(
      /from a peer$/,
    );
  });

  it('comes before the template', () => {
    const listed = service({ persistence: persistent });
    const templates = [template(listed, aFlow(), { destination: '10.10.10.10:80' })];
    const seen = explained({ services: [listed], entries: entries({ entries: [entry()], templates }) });
    expect(inShort(seen)).to.equal('rs2 by entry');
    expect(textOf(seen, 'template')).to.contain('rs1 10.10.10.10:80, 120 s left');
  });
});

import { expect } from 'chai';
import { templateKey } from '../../../lib/explain/template.ts';
import {
  aFlow,
  destination,
  entries,
  explained,
  inShort,
  persistent,
  refusedToTell,
  ruleOf,
  service,
  template,
  textOf,
} from './a-director.ts';

const sticky = service({ persistence: persistent });
const flow = aFlow();
const withTemplate = (listed = sticky, change = {}, asked = flow) =>
  entries({ templates: [template(listed, asked, change)] });

describe('explain: a persistence template', () => {
  it('is named as the kernel hashes it', () => {
    expect(templateKey(sticky, flow)).to.equal('TCP C0A87A01 0000 C0A87A64 0050');
    expect(templateKey(service({ persistence: { timeoutJiffies: 60, netmask: 0xffffff00 } }), flow)).to.equal(
      'TCP C0A87A00 0000 C0A87A64 0050',
    );
    expect(templateKey(service({ port: 0, persistence: persistent }), flow)).to.equal(
      'TCP C0A87A01 0000 C0A87A64 0000',
    );
    expect(templateKey(service({ port: 21, persistence: persistent }), aFlow({ port: 21 }))).to.equal(
      'TCP C0A87A01 0000 C0A87A64 0000',
    );
    const mark = service({ protocol: 'fwmark', address: '', port: 0, fwmark: 0x0a0b, persistence: persistent });
    expect(templateKey(mark, flow)).to.equal('IP C0A87A01 0000 00000A0B 0000');
    expect(templateKey(service(), flow)).to.equal(undefined);
  });

  it('of IPv6 has a prefix of the client, whose length a little-endian director prints turned round', () => {
    const v6 = aFlow({ client: '2001:db8:1:2:3::9', vip: 'fd00::64' });
    for (const netmask of [64, 0x40000000]) {
      const listed = service({ address: 'fd00::64', persistence: { timeoutJiffies: 60, netmask } });
      expect(templateKey(listed, v6)).to.equal(
        'TCP 2001:0db8:0001:0002:0000:0000:0000:0000 0000 fd00:0000:0000:0000:0000:0000:0000:0064 0050',
      );
    }
    const whole = service({ persistence: { timeoutJiffies: 60, netmask: 0x80000000 }, protocol: 'fwmark', fwmark: 7 });
    expect(templateKey(whole, v6)).to.equal(
      'IP 2001:0db8:0001:0002:0003:0000:0000:0009 0000 0000:0007:0000:0000:0000:0000:0000:0000 0000',
    );
  });

  it('decides, with the seconds that are left', () => {
    const seen = explained({ services: [sticky], entries: withTemplate() });
    expect(inShort(seen)).to.equal('rs2 by template');
    expect(textOf(seen, 'template')).to.equal(
      '192.168.122.1 → rs2 10.10.10.20:80, 120 s left; each new connection sets it back to 300 s',
    );
  });

  it('that there is none of leaves it to the scheduler', () => {
    const seen = explained({ services: [sticky] });
    expect(inShort(seen)).to.equal('rs3|rs2|rs1 by scheduler');
    expect(textOf(seen, 'template')).to.equal('none of 192.168.122.1');
    expect(textOf(explained(), 'template')).to.equal('the service has no persistence');
  });

  it('goes to a full real server, and to a quiesced one unless expire_quiescent_template is 1', () => {
    const quiesced = service({
      persistence: persistent,
      destinations: [destination(2, { weight: 0 }), destination(1)],
    });
    const said = { services: [quiesced], entries: withTemplate(quiesced) };
    const kept = explained(said);
    expect(inShort(kept)).to.equal('rs2 by template');
    expect(kept.notes.join()).to.contain('persistence-ignores-quiesce');
    const expired = explained({ ...said, sysctl: { expire_quiescent_template: '1' } });
    expect(inShort(expired)).to.equal('rs1 by scheduler');
    expect(textOf(expired, 'template')).to.contain('the template counts no more');
    expect(inShort(explained(said, flow, { sysctl: refusedToTell }))).to.equal('untold');
    const full = service({ persistence: persistent, destinations: [destination(2, { active: 9 })] });
    const rules = [ruleOf(full, [], { '10.10.10.20': ['-x', '5'] })];
    expect(inShort(explained({ services: [full], rules, entries: withTemplate(full) }))).to.equal('rs2 by template');
  });

  it('of a real server that was taken out counts no more', () => {
    const listed = service({ persistence: persistent, destinations: [destination(1)] });
    const seen = explained({ services: [listed], entries: withTemplate(listed) });
    expect(inShort(seen)).to.equal('rs1 by scheduler');
    expect(textOf(seen, 'template')).to.contain('taken out of the service');
  });

  it('for every port leads to the port that the client asked for', () => {
    const any = service({
      port: 0,
      persistence: persistent,
      destinations: [2, 1].map((number) => destination(number, { port: 0 })),
    });
    const seen = explained({ services: [any], entries: withTemplate(any, { destination: '10.10.10.20:0' }) });
    expect(seen.answer).to.deep.include({ kind: 'real-server', by: 'template' });
    expect(seen.answer.kind === 'real-server' && seen.answer.to.destination).to.equal('10.10.10.20:80');
  });

  it('cannot be told where persistence goes by what the packet says', () => {
    const sip = service({ protocol: 'udp', port: 5060, persistence: persistent });
    const seen = explained(
      { services: [sip], rules: [ruleOf(sip, ['--pe', 'sip'])] },
      aFlow({ protocol: 'udp', port: 5060 }),
    );
    expect(inShort(seen)).to.equal('untold');
    expect(textOf(seen, 'template')).to.contain('the engine sip');
    expect(seen.lacking).to.deep.equal([]);
  });

  it('that was not looked for everywhere, or could not be read, is not taken for absent', () => {
    const part = explained(
      { services: [sticky], entries: entries({ extent: 'part', rows: 9 }) },
      { client: '192.168.122.1', vip: '192.168.122.100', port: 80, protocol: 'tcp' },
    );
    expect(inShort(part)).to.equal('untold');
    expect(part.lacking).to.not.deep.equal([]);
    const unread = explained(
      { services: [sticky] },
      { client: '192.168.122.1', vip: '192.168.122.100', port: 80, protocol: 'tcp' },
      { entries: refusedToTell },
    );
    expect(inShort(unread)).to.equal('untold');
  });
});

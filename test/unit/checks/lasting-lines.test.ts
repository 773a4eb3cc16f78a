/** Lines that change what a boot reads, run for real: twice they do no more than once, and their undo leaves every byte as it was. */
import { expect } from 'chai';
import { block, edit, ownFile, profileItem, profileProperty, profileSwap } from '../../../checks/lasting-lines.ts';
import { literal } from '../../../checks/remedies.ts';
import { LastingHost } from './lasting-host.ts';

const file = '/etc/network/interfaces';
const text = 'auto lo\niface lo inet loopback\n    up ip  address add 10.0.0.1/24 dev lo\n';

describe('lines that last', () => {
  let host: LastingHost;
  const at = (files: Readonly<Record<string, string>>): LastingHost => {
    host.remove();
    return (host = new LastingHost(files));
  };
  beforeEach(() => (host = new LastingHost({})));
  afterEach(() => {
    host.remove();
  });

  describe('at the end of a file', () => {
    const route = block(file, "route to 'a' & b/c", ['iface eth0 inet manual', '    up x']);
    const added =
      "\n# ipvet: route to 'a' & b/c\niface eth0 inet manual\n    up x\n# ipvet: end of route to 'a' & b/c\n";

    for (const [what, before] of Object.entries({
      'ends as text does': text,
      'ends without a newline': text.trimEnd(),
      'ends with empty lines': `${text}\n\n`,
    }))
      it(`come and go, where it ${what}`, () => {
        expect(at({ [file]: before }).trial(route)).to.deep.equal({ 'etc/network/interfaces': `${before}${added}` });
      });

    it('come and go with a file that is not there', () => {
      at({ '/etc/network/other': '' });
      expect(host.trial(route)).to.deep.equal({ 'etc/network/interfaces': added });
    });

    it('go alone: those of another remedy and of people stay, whichever goes first', () => {
      const other = block(file, 'other', ['    up y']);
      for (const order of [
        [route, other],
        [other, route],
      ]) {
        at({ [file]: text });
        host.run([...route.commands, ...other.commands]);
        const [first, second] = order;
        host.run(first?.undo ?? []);
        expect(host.read(file))
          .to.include(second === other ? 'up y' : 'up x')
          .and.not.include(second === other ? 'up x' : 'up y');
        host.write(file, `${host.read(file)}# mine\n`);
        host.run(second?.undo ?? []);
        expect(host.read(file)).to.equal(`${text}# mine\n`);
      }
    });
  });

  describe('of a file that is there', () => {
    const change = { part: '10.0.0.1/24', becomes: '10.0.0.1/32' };
    const line = `up[[:space:]]\\{1,\\}ip[[:space:]]*address add ${literal('10.0.0.1/24')} dev lo`;

    it('change, and are kept in a comment', () => {
      for (const before of [text, text.trimEnd(), `${text}# more\n`]) {
        const changed = at({ [file]: before }).trial(edit(file, 'VIP', { line, ...change }));
        expect(changed['etc/network/interfaces']).to.include(
          '\n# ipvet: VIP, was:     up ip  address add 10.0.0.1/24 dev lo\n    up ip  address add 10.0.0.1/32 dev lo',
        );
      }
    });

    it('are commented out', () => {
      for (const before of [text, text.trimEnd()]) {
        const changed = at({ [file]: before }).trial(edit(file, 'VIP', { line }));
        expect(changed['etc/network/interfaces']).to.equal(before.replace('    up', '# ipvet: VIP, was:     up'));
      }
    });

    it('are to be there: else the line fails, and nothing has changed', () => {
      at({ [file]: text });
      const { commands } = edit(file, 'VIP', { line: 'up nothing', ...change });
      expect(() => {
        host.run(commands);
      }).to.throw('expected 1 to equal +0');
      expect(host.read(file)).to.equal(text);
    });
  });

  it('are a file of its own, with its folder', () => {
    at({ '/etc/systemd/network/a.network': 'x\n' });
    const path = '/etc/systemd/network/a.network.d/b.conf';
    expect(host.trial(ownFile(path, ['[Link]', 'MTUBytes=1400'], { folder: true, mode: '600' }))).to.deep.equal({
      'etc/systemd/network/a.network.d/b.conf': '[Link]\nMTUBytes=1400\n',
    });
    host.write('/etc/systemd/network/a.network.d/mine.conf', '');
    host.trial(ownFile(path, ['x'], { folder: true }));
    host.run(ownFile(path, ['x'], { folder: true, mode: '600' }).commands);
    expect(host.mode(path)).to.equal('600');
  });

  describe('of a profile of NetworkManager', () => {
    const profile = 'nm/Wired connection 1';
    const list = '10.0.0.5/24, 10.0.0.1/24';
    beforeEach(() => {
      at({ '/etc/NetworkManager/NetworkManager.conf': '' }).profile('eth0', { 'ipv4.addresses': list });
    });

    it('set a property, and set it back, also one that was not set', () => {
      const mtu = profileProperty('eth0', '802-3-ethernet.mtu', '1400');
      expect(host.trial(mtu)).to.include({ [`${profile}/802-3-ethernet.mtu`]: '1400\n' });
      host.write(`/${profile}/802-3-ethernet.mtu`, '9000\n');
      host.trial(mtu);
    });

    it('add an item once', () => {
      expect(host.trial(profileItem('eth0', 'ipv4.routes', '10.9.0.0/16 10.0.0.2'))).to.deep.equal({
        [`${profile}/ipv4.routes`]: '10.9.0.0/16 10.0.0.2\n',
      });
    });

    it('put an item in place of another, and of the only one', () => {
      host.profile('eth0', { 'ipv4.addresses': '10.0.0.1/24' });
      expect(host.trial(profileSwap('eth0', 'ipv4.addresses', '10.0.0.1/24', '10.0.0.1/32'))).to.deep.equal({
        [`${profile}/ipv4.addresses`]: '10.0.0.1/32\n',
      });
    });

    it('take an item out', () => {
      expect(host.trial(profileSwap('eth0', 'ipv4.addresses', '10.0.0.1/24'))).to.deep.equal({
        [`${profile}/ipv4.addresses`]: '10.0.0.5/24\n',
      });
    });

    it('fail where NetworkManager does not have the device', () => {
      for (const { commands } of [
        profileProperty('eth9', 'ipv4.gateway', '10.0.0.2'),
        profileItem('eth9', 'ipv4.routes', 'x'),
      ])
        expect(() => {
          host.run(commands);
        }).to.throw('to equal +0');
      expect(host.exists('/etc/NetworkManager/ipvet-eth9-ipv4.gateway')).to.equal(false);
    });
  });
});

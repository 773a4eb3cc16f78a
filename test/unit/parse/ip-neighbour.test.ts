import { expect } from 'chai';

import { parseNeighbourJson, parseNeighbourText } from '../../../lib/parse/ip-neighbour.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

const router = { interface: 'eth0', mac: '02:00:00:00:00:fe', state: 'permanent' };
const expected = [
  { address: '192.168.122.254', ...router },
  { address: '2001:db8::fe', ...router },
];

describe('neighbours', () => {
  it('reads ip -j neigh, and the same from ip -o neigh', () => {
    expect(parseNeighbourJson(transcript('ip-d-j-batch.txt').split('\n')[1] ?? '')).to.deep.equal(expected);
    expect(parseNeighbourText(transcript('ip-o-neigh.txt'))).to.deep.equal(expected);
  });

  it('has no MAC where nobody answered', () => {
    const failed = { address: '192.168.122.9', interface: 'eth0', state: 'failed' };
    expect(parseNeighbourJson('[{"dst":"192.168.122.9","dev":"eth0","state":["FAILED"]}]')).to.deep.equal([failed]);
    expect(parseNeighbourText('192.168.122.9 dev eth0  FAILED \n')).to.deep.equal([failed]);
  });

  it('reads a router, and who told of it', () => {
    const text = 'fe80::1 dev eth0 lladdr 02:00:00:00:00:FE router STALE proto zebra \n';
    expect(parseNeighbourText(text)).to.deep.equal([
      { address: 'fe80::1', interface: 'eth0', mac: '02:00:00:00:00:fe', state: 'stale' },
    ]);
  });

  it('has none where there are none', () => {
    expect(parseNeighbourJson('[ ]')).to.deep.equal([]);
    expect(parseNeighbourText('')).to.deep.equal([]);
  });

  it('refuses other text', () => {
    for (const text of ['', '[1]', '{"dst":"a"}', '[{"dst":"192.0.2.1"}]'])
      expect(() => parseNeighbourJson(text), text).to.throw(ParseError);
    expect(() => parseNeighbourText('Object "neigh" is unknown')).to.throw(ParseError);
  });
});

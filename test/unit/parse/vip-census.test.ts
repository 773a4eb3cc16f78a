import { expect } from 'chai';
import { parseArping, parseNdisc } from '../../../lib/parse/vip-census.ts';

const iputils = `ARPING 192.168.122.100 from 192.168.122.13 eth0
Unicast reply from 192.168.122.100 [96:07:6A:8E:24:28]  0.623ms
Unicast reply from 192.168.122.100 [7E:5E:77:3F:2F:4B]  0.648ms
Unicast reply from 192.168.122.100 [96:07:6A:8E:24:28]  0.523ms
Sent 1 probes (1 broadcast(s))
Received 3 response(s)
`;

describe('VIP census', () => {
  it('reads every distinct answer that arping of iputils 20221126 had', () => {
    expect(parseArping(iputils)).to.deep.equal(['96:07:6a:8e:24:28', '7e:5e:77:3f:2f:4b']);
  });

  it("reads busybox's words, which leave zeros out", () => {
    const text = `ARPING 192.168.122.100 from 192.168.122.13 eth0
Unicast reply from 192.168.122.100 [2:4c:56:53:0:1] 0.011ms
Sent 1 probe(s) (0 broadcast(s))
Received 1 response(s) (0 request(s), 0 broadcast(s))
`;
    expect(parseArping(text)).to.deep.equal(['02:4c:56:53:00:01']);
  });

  it('tells silence from a question that was never asked', () => {
    const silence = 'ARPING 192.0.2.1 from 192.0.2.2 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n';
    expect(parseArping(silence)).to.deep.equal([]);
    expect(parseArping('')).to.equal(undefined);
    expect(parseArping('arping: bind: Cannot assign requested address\n')).to.equal(undefined);
    expect(parseArping('arping: Device eth9 not available.\n')).to.equal(undefined);
  });

  it("takes nothing from another arping's words", () => {
    expect(
      parseArping('ARPING 192.0.2.1\n60 bytes from 02:00:00:00:00:01 (192.0.2.1): index=0 time=1 msec\n'),
    ).to.equal(undefined);
  });

  it('reads ndisc6', () => {
    const text = `Soliciting fd00::100 (fd00::100) on eth0...
Target link-layer address: 7E:5E:77:3F:2F:4B
 from fd00::100
Target link-layer address: 96:07:6A:8E:24:28
 from fd00::100
`;
    expect(parseNdisc(text)).to.deep.equal(['7e:5e:77:3f:2f:4b', '96:07:6a:8e:24:28']);
    expect(parseNdisc('Soliciting fd00::200 (fd00::200) on eth0...\nTimed out.\nNo response.\n')).to.deep.equal([]);
    expect(parseNdisc('fd00::77: Cannot assign requested address\n')).to.equal(undefined);
  });
});

import { expect } from 'chai';

import {
  parseRouteJson,
  parseRouteRefusal,
  parseRouteText,
  routeGetArguments,
  withLocalSources,
} from '../../../lib/parse/ip-route.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { closedByCode, transcript } from './transcript.ts';

const questions = transcript('route-questions.txt')
  .trim()
  .split('\n')
  .map((line) => {
    const [destination = '', , from] = line.replace('route get ', '').split(' ');
    return { destination, ...(from === undefined ? {} : { from }) };
  });

const expected = [
  { destination: '127.0.0.1', outcome: 'local', interface: 'lo', source: '127.0.0.1' },
  {
    destination: '10.10.10.10',
    outcome: 'unicast',
    gateway: '192.168.122.254',
    interface: 'eth0',
    source: '192.168.122.1',
  },
  { destination: '192.168.122.7', outcome: 'unicast', interface: 'eth0', source: '192.168.122.1' },
  { destination: '203.0.113.1', outcome: 'blackhole' },
  { destination: '203.0.113.130', outcome: 'prohibit' },
  { destination: '203.0.113.200', outcome: 'unreachable' },
  {
    destination: '198.51.100.9',
    outcome: 'unicast',
    gateway: '2001:db8::2',
    interface: 'eth0',
    source: '192.168.122.1',
  },
  { destination: '2001:db8::9', outcome: 'unicast', interface: 'eth0', source: '2001:db8::1' },
  { destination: '2001:db9::1', outcome: 'no-route' },
  {
    destination: '10.10.10.10',
    from: '192.168.122.100',
    outcome: 'unicast',
    gateway: '192.168.122.254',
    interface: 'eth0',
  },
];

/** One answer of an ip without JSON. */
const answerOf = ({ output, exitCode }: { readonly output: string; readonly exitCode: number }, index: number) => {
  const question = questions[index] ?? { destination: '' };
  return exitCode === 0 ? parseRouteText(output.trim(), question) : parseRouteRefusal(output, question);
};

describe('route decisions', () => {
  it('asks as ip -batch reads it', () => {
    expect(questions.map((question) => `${routeGetArguments(question)}\n`).join('')).to.equal(
      transcript('route-questions.txt'),
    );
  });

  it('reads each answer', () => {
    const answered = expected.filter(({ outcome }) => outcome === 'unicast' || outcome === 'local');
    const lines = transcript('ip-j-route-get.txt').trim().split('\n');
    const found = lines.map((line, index) => {
      const { destination = '', from } = answered[index] ?? {};
      return parseRouteJson(line, { destination, ...(from === undefined ? {} : { from }) });
    });
    expect(found).to.deep.equal(answered);
  });

  it('reads the reply route of a real server', () => {
    const text = transcript('ip-j-route-get-client.txt', 'debian12-6.1.176');
    expect(parseRouteJson(text, { destination: '192.168.122.1' })).to.deep.equal({
      destination: '192.168.122.1',
      outcome: 'unicast',
      gateway: '10.10.10.1',
      interface: 'eth0',
      source: '10.10.10.10',
    });
  });

  it('reads the same from ip without JSON', () => {
    expect(closedByCode(transcript('ip-o-route-get.txt')).map(answerOf)).to.deep.equal(expected);
  });

  it('reads busybox, which does not print a gateway of the other family', () => {
    const shown = expected.map(({ gateway, ...rest }) =>
      gateway === undefined || gateway.includes(':') ? rest : { ...rest, gateway },
    );
    expect(closedByCode(transcript('busybox-ip-o-route-get.txt')).map(answerOf)).to.deep.equal(shown);
  });

  it('reads the sizes a route sets, locked or not, and that it was learned from a redirect', () => {
    const question = { destination: '172.16.0.2', from: '192.168.122.100' };
    const answer = {
      ...question,
      outcome: 'unicast',
      gateway: '192.168.122.254',
      interface: 'eth0',
      mtu: 1400,
      advmss: 1300,
    };
    const json = transcript('ip-d-j-batch.txt').split('\n')[2] ?? '';
    expect(parseRouteJson(json, question)).to.deep.equal(answer);
    expect(parseRouteJson(json.replace('"cache":[]', '"cache":["redirected"]'), question).redirected).to.equal(true);
    const text = closedByCode(transcript('ip-o-route-get-from.txt'))[0]?.output ?? '';
    expect(parseRouteText(text, question)).to.deep.equal(answer);
    const learned = text.replace('cache ', 'cache <redirected> ');
    expect(parseRouteText(learned, question)).to.deep.equal({ ...answer, redirected: true });
    const locked = '198.51.100.1 via 192.168.122.254 dev eth0 src 192.168.122.11 uid 0 \\    cache mtu lock 1300 ';
    expect(parseRouteText(locked, question).mtu).to.equal(1300);
    const six = '[{"dst":"2001:db8::9","dev":"eth0","protocol":"redirect","gateway":"fe80::1","flags":[]}]';
    expect(parseRouteJson(six, question).redirected).to.equal(true);
  });

  it('tells a source that is not there from a way that is not', () => {
    const to = (from: string) =>
      parseRouteRefusal('RTNETLINK answers: Invalid argument', { destination: '203.0.113.1', from });
    const local = (source: string) => source === '192.168.122.100';
    expect(withLocalSources([to('192.168.122.100'), to('9.9.9.9')], local)).to.deep.equal([
      { destination: '203.0.113.1', from: '192.168.122.100', outcome: 'blackhole' },
      { destination: '203.0.113.1', from: '9.9.9.9', outcome: 'source-not-local' },
    ]);
    // The kernel answers for IPv6 whether or not the address is there.
    const six = parseRouteJson('[{"dst":"2001:db8::7","dev":"eth0","flags":[]}]', {
      destination: '2001:db8::7',
      from: '2001:db8::99',
    });
    expect(withLocalSources([six], local)[0]).to.have.property('outcome', 'source-not-local');
    expect(withLocalSources([{ destination: '203.0.113.1', outcome: 'no-route' }], local)[0]?.outcome).to.equal(
      'no-route',
    );
  });

  it('has no route where the kernel has no such family', () => {
    const refusal = parseRouteRefusal('RTNETLINK answers: Operation not supported', { destination: '2001:db8::1' });
    expect(refusal.outcome).to.equal('no-route');
  });

  it('refuses what is no answer', () => {
    for (const text of ['', '[]', '{}', '[{"dst":"192.0.2.1","type":"anything"}]'])
      expect(() => parseRouteJson(text, { destination: '192.0.2.1' })).to.throw(ParseError);
  });

  it('refuses a refusal in words it does not know, such as another language', () => {
    expect(() =>
      parseRouteRefusal('RTNETLINK antwortet: Das Netzwerk ist nicht erreichbar', { destination: '192.0.2.1' }),
    ).to.throw(ParseError);
  });
});

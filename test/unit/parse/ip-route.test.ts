import { expect } from 'chai';

import { parseRouteBatch, parseRouteText, routeGetArguments } from '../../../lib/parse/ip-route.ts';
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

describe('route decisions', () => {
  const stdout = transcript('ip-j-route-get.txt');
  const stderr = transcript('ip-j-route-get.stderr.txt');

  it('asks as ip -batch reads it', () => {
    expect(questions.map((question) => `${routeGetArguments(question)}\n`).join('')).to.equal(
      transcript('route-questions.txt'),
    );
  });

  it('matches each answer and each refusal of a batch with its question', () => {
    expect(parseRouteBatch(stdout, stderr, questions)).to.deep.equal(expected);
  });

  it('reads the reply route of a real server', () => {
    const text = transcript('ip-j-route-get-client.txt', 'debian12-6.1.176');
    expect(parseRouteBatch(text, '', [{ destination: '192.168.122.1' }])).to.deep.equal([
      {
        destination: '192.168.122.1',
        outcome: 'unicast',
        gateway: '10.10.10.1',
        interface: 'eth0',
        source: '10.10.10.10',
      },
    ]);
  });

  it('reads the same from ip without JSON', () => {
    const answers = closedByCode(transcript('ip-o-route-get.txt')).map(({ output, exitCode }, index) =>
      parseRouteText(output, output, exitCode, questions[index] ?? { destination: '' }),
    );
    expect(answers).to.deep.equal(expected);
  });

  it('reads busybox, which does not print a gateway of the other family', () => {
    const answers = closedByCode(transcript('busybox-ip-o-route-get.txt')).map(({ output, exitCode }, index) =>
      parseRouteText(output, output, exitCode, questions[index] ?? { destination: '' }),
    );
    const shown = expected.map(({ gateway, ...rest }) =>
      gateway === undefined || gateway.includes(':') ? rest : { ...rest, gateway },
    );
    expect(answers).to.deep.equal(shown);
  });

  it('refuses answers that are fewer than the questions', () => {
    expect(() => parseRouteBatch(stdout, '', questions)).to.throw(ParseError);
    expect(() => parseRouteBatch(stdout.slice(0, 300), stderr, questions)).to.throw(ParseError);
    expect(() => parseRouteBatch('', '', questions)).to.throw(ParseError);
  });

  it('refuses a refusal in words it does not know, such as another language', () => {
    expect(() =>
      parseRouteText('', 'RTNETLINK antwortet: Das Netzwerk ist nicht erreichbar', 2, { destination: '192.0.2.1' }),
    ).to.throw(ParseError);
  });
});

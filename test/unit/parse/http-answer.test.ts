import { expect } from 'chai';

import { parseCurl, parseWget } from '../../../lib/parse/http-answer.ts';
import { ParseError } from '../../../lib/parse/parse-error.ts';
import { transcript } from './transcript.ts';

/** A capture closed by what `-w` wrote and by `@exit CODE`. */
function curl(name: string) {
  const [, output = '', written = '', code = ''] =
    /^([\s\S]*)\n@written (.*)@exit (\d+)\n$/.exec(transcript(`curl-${name}.txt`)) ?? [];
  return parseCurl(output, written, Number(code));
}

function wget(name: string) {
  const [, output = '', code = ''] = /^([\s\S]*)@exit (\d+)\n$/.exec(transcript(`wget-${name}.txt`)) ?? [];
  return parseWget(output, Number(code));
}

const headers = { 'x-real-server': 'rs1', connection: 'keep-alive', 'keep-alive': 'timeout=5', 'content-length': '33' };
const body = 'served by rs1\n* not talk of curl';

describe('answer of a GET', () => {
  it('reads status, headers and body from curl', () => {
    expect(curl('answered')).to.deep.equal({ outcome: 'answered', status: 200, headers, body, connectMs: 0.24 });
    expect(curl('missing')).to.deep.include({ outcome: 'answered', status: 404 });
  });

  it('reads the same from wget', () => {
    expect(wget('answered')).to.deep.equal({ outcome: 'answered', status: 200, headers, body });
    expect(wget('missing')).to.deep.include({ outcome: 'answered', status: 404, body: '' });
  });

  for (const [name, outcome] of [
    ['refused', 'refused'],
    ['no-route', 'unreachable'],
    ['silent', 'timeout'],
    ['no-response', 'timeout'],
  ] as const) {
    it(`tells that curl got ${name}`, () => {
      expect(curl(name)).to.deep.equal({ outcome });
    });
  }

  it('tells why wget had no answer', () => {
    expect(wget('refused')).to.deep.equal({ outcome: 'refused' });
    expect(wget('no-response')).to.deep.equal({ outcome: 'timeout' });
  });

  it('takes a decimal comma, and keeps 4 KiB of the body', () => {
    const output = `< HTTP/1.1 200 OK\r\n< X: y\r\n< \r\n${'b'.repeat(9000)}`;
    const answer = parseCurl(output, '200 0,001500', 0);
    expect(answer.connectMs).to.equal(1.5);
    expect(answer.body).to.have.length(4096);
  });

  it('has the last of several headers after a redirect of the server', () => {
    const output = '< HTTP/1.1 100 Continue\r\n< \r\n< HTTP/1.1 200 OK\r\n< A: b\r\n< \r\nbody';
    expect(parseCurl(output, '200 0.1', 0)).to.deep.include({ headers: { a: 'b' }, body: 'body' });
  });

  it('is a failure, not an answer, when the server closed without one', () => {
    expect(parseCurl('* Empty reply from server', '000 0.0001', 52)).to.deep.equal({ outcome: 'failed' });
  });

  it('refuses what -w never writes', () => {
    expect(() => parseCurl('', 'gibberish', 0)).to.throw(ParseError);
  });
});

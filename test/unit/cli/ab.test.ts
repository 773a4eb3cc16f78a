import { expect } from 'chai';
import { abTarget, headerOf } from '../../../cli/ab.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { requestHead } from '../../../lib/load/request-head.ts';
import { renderAb } from '../../../reports/index.ts';
import { aCluster, aLatency, aLoad } from '../../builders.ts';
import { healthy } from '../../golden/records.ts';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof IpvetError) return error.code;
    throw error;
  }
  return 'none';
};

describe('load in the words of ab', () => {
  it('takes the URL of a declared VIP, with its path, and by a name of the cluster file', () => {
    expect(abTarget(aCluster(), 'http://192.168.122.100/a?b=1')).to.deep.equal({
      service: 'web',
      request: { path: '/a?b=1', headers: [] },
    });
    expect(abTarget(aCluster(), 'http://www.example.com/')).to.deep.equal({
      service: 'web',
      request: { path: '/', headers: [['Host', 'www.example.com']] },
    });
  });

  it('refuses every other address, real servers too, and what is no URL to drive', () => {
    for (const url of ['http://192.168.122.100:81/', 'http://10.10.10.10/', 'http://8.8.8.8/'])
      expect(
        refusal(() => abTarget(aCluster(), url)),
        url,
      ).to.equal('REFUSED');
    for (const url of ['http://', 'https://192.168.122.100/', 'http://other.example/', 'ftp://192.168.122.100/'])
      expect(
        refusal(() => abTarget(aCluster(), url)),
        url,
      ).to.be.oneOf(['USAGE', 'REFUSED']);
  });

  it('adds headers, in place of its own of the same name', () => {
    const headers = [headerOf('X-Test:  1 '), headerOf('host: other')];
    const head = requestHead({ headers }, { path: '/', authority: '10.0.0.1' }, 'close');
    expect(head).to.equal(
      'GET / HTTP/1.1\r\nConnection: close\r\nAccept: */*\r\nUser-Agent: ipvet\r\nX-Test: 1\r\nhost: other\r\n\r\n',
    );
    for (const text of ['no colon', ': 1', 'X-A: b\r\nX-B: c', 'X A: 1'])
      expect(
        refusal(() => headerOf(text)),
        text,
      ).to.equal('USAGE');
  });

  it('prints a summary in the shape of ab, without what was not measured', () => {
    const percentiles = [[95, 8]] as const;
    const load = aLoad({
      total: aLatency({ percentiles, deviationMs: 1.25 }),
      answered: 290,
      failed: 10,
      errors: { rate: 1 / 30, byKind: { refused: 10 }, examples: [] },
    });
    const text = renderAb({ ...healthy(), load: [load] }, { concurrency: 10, mode: 'ab' });
    expect(text).to.match(
      /^Server Hostname: {8}192\.168\.122\.100\nServer Port: {12}80\n\nDocument Path: {10}\/\n\nConcurrency Level: {6}10\n/,
    );
    expect(text)
      .to.match(/^Complete requests: {6}300$/m)
      .and.match(/^Failed requests: {8}10\n {3}\(refused: 10\)$/m);
    expect(text).to.match(/^Requests per second: {4}300\.00 \[#\/sec\] \(mean\)$/m);
    expect(text).to.match(/^Time per request: {7}[\d.]+ \[ms\] \(mean, across all concurrent requests\)$/m);
    expect(text)
      .to.match(/^Total: +\d+ +\d+ +1\.3? +\d+ +\d+$/m)
      .and.match(/^ {2}95% +8$/m)
      .and.match(/^ 100% +\d+ \(longest request\)$/m);
    expect(text).to.not.include('Transfer rate').and.not.include('Waiting');
  });
});

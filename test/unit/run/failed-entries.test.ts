import { expect } from 'chai';

import { readFailedEntries } from '../../../lib/run/failed-entries.ts';
import type { FailedConnection } from '../../../lib/model/load-result.ts';
import { tablePath } from '../../../lib/sampling/program.ts';
import { aLoad } from '../../builders.ts';
import { aService, row, testDirector, type TestDirector } from '../sampling/director.ts';

describe('entries of failed requests', () => {
  const signal = new AbortController().signal;
  let director: TestDirector;
  beforeEach(async () => {
    director = await testDirector();
  });
  afterEach(() => director.close());

  const failed = (localPort: number, kind: FailedConnection['kind'], atMs = 1): FailedConnection => ({
    kind,
    localPort,
    atMs,
    message: kind,
  });
  const read = (...examples: FailedConnection[]) => {
    const load = aLoad({ errors: { rate: 1, byKind: {}, examples } });
    const { host, table } = director;
    const exec: typeof host.exec = (argv, options) =>
      host.exec(
        argv.map((word) => word.replace(tablePath, table)),
        options,
      );
    return readFailedEntries({ ...host, exec }, aService(), load, signal);
  };

  it('are those of their source ports, with how each failed', async () => {
    director.setTable(
      [
        row(40_001, '0A0A0A0A', 'SYN_RECV', 57),
        row(40_002, '0A0A0A14', 'CLOSE', 9),
        row(40_003, '0A0A0A14', 'FIN_WAIT', 100),
      ].join(''),
    );
    const { failedEntries, entriesEvidence } = await read(
      failed(40_001, 'connect-timeout'),
      failed(40_002, 'connect-timeout'),
      failed(40_002, 'refused', 2),
      failed(40_004, 'refused'),
      failed(0, 'no-resource'),
    );
    expect(
      failedEntries.map(({ clientPort, destination, state, kind }) => [clientPort, destination, state, kind]),
    ).to.deep.equal([
      [40_001, '10.10.10.10:80', 'SYN_RECV', 'connect-timeout'],
      [40_002, '10.10.10.20:80', 'CLOSE', 'refused'],
    ]);
    expect(entriesEvidence.output.split('\n')).to.have.lengthOf(2);
    expect(entriesEvidence.output).to.include('-> 10.10.10.20:80: refused');
  });

  it('leave out a port that several addresses of the client use', async () => {
    const other = row(40_001, '0A0A0A14', 'SYN_RECV', 57).replace(/^(\w+ )\w{8}/, '$1C0A87A63');
    director.setTable([row(40_001, '0A0A0A0A', 'SYN_RECV', 57), other].join(''));
    const { failedEntries, entriesEvidence } = await read(failed(40_001, 'connect-timeout'));
    expect(failedEntries).to.deep.equal([]);
    expect(entriesEvidence.output).to.equal('none');
  });

  it('are none where nothing failed with a port, and a reason where they cannot be read', async () => {
    expect((await read()).entriesEvidence.output).to.equal('no failed request had a port');
    const gone = await readFailedEntries(
      { ...director.host, exec: () => Promise.reject(new Error('gone')) },
      aService(),
      aLoad({ errors: { rate: 1, byKind: {}, examples: [failed(1, 'refused')] } }),
      signal,
    );
    expect(gone.failedEntries).to.deep.equal([]);
    expect(gone.entriesEvidence.output).to.include('could not be read');
  });

  it('are told by twenty, however many there are', async () => {
    director.setTable(
      Array.from({ length: 60 }, (_, index) => row(41_000 + index, '0A0A0A14', 'SYN_RECV', 50)).join(''),
    );
    const { failedEntries, entriesEvidence } = await read(
      ...Array.from({ length: 60 }, (_, index) => failed(41_000 + index, 'connect-timeout')),
    );
    expect(failedEntries).to.have.lengthOf(60);
    expect(entriesEvidence.output.split('\n').at(-1)).to.equal('and 40 more');
  });
});

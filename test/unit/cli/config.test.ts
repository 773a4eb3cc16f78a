import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configCommand } from '../../../cli/config.ts';
import { ConfigError } from '../../../lib/config/problem.ts';
import { natText } from '../config/cluster-text.ts';
import { printed } from './printed.ts';

describe('ipvet config', () => {
  let folder = '';
  let good = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvet-cli-'));
    good = join(folder, 'cluster.yaml');
    await writeFile(good, natText);
  });
  after(() => rm(folder, { recursive: true }));

  const run = (...argv: string[]): Promise<string> => printed(configCommand(), argv);

  it('validate says what the file holds', async () => {
    expect(await run('-i', good, 'config', 'validate')).to.equal(
      `${good}: OK: web-lvs (preprod), 1 director, 2 real servers, 1 client, 1 virtual service\n`,
    );
    const json: unknown = JSON.parse(await run('-i', good, '--json', 'config', 'validate'));
    expect(json).to.deep.include({ valid: true, directors: 1, realServers: 2 });
  });

  it('validate throws every problem, and prints nothing', async () => {
    const bad = join(folder, 'bad.yaml');
    await writeFile(bad, natText.replace('port: 80', 'prot: 80'));
    const error = await run('-i', bad, 'config', 'validate').then(
      (printed) => printed,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as ConfigError).render({ color: false })).to.match(
      /bad\.yaml:16:5: error: unknown key `prot`.*\n.* prot: 80\n.*\^\^\^\^\n.*did you mean `port`\?/,
    );
  });

  it('show prints the defaults too, as YAML and as JSON', async () => {
    const shown = JSON.parse(await run('-i', good, '--json', 'config', 'show')) as {
      virtualServices: { destinations: unknown[] }[];
    };
    expect(parse(await run('-i', good, 'config', 'show'))).to.deep.equal(shown);
    expect(shown.virtualServices[0]?.destinations[1]).to.deep.equal({
      realServer: 'rs2',
      address: '10.10.10.20',
      port: 80,
      weight: 1,
    });
  });

  it('schema prints the schema', async () => {
    expect(JSON.parse(await run('config', 'schema'))).to.have.property('title', 'ipvet cluster file');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Command } from 'commander';
import { addGlobalOptions } from '../../../cli/options.ts';
import { rulesCommand } from '../../../cli/rules.ts';
import { IpvetError } from '../../../lib/errors.ts';
import { natText } from '../config/cluster-text.ts';

/** The file's hosts do not exist: what passes a refusal fails to connect, with another code. */
describe('ipvet rules', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvet-cli-'));
  });
  after(() => rm(folder, { recursive: true }));

  const run = async (text: string, ...argv: string[]): Promise<IpvetError> => {
    const inventory = join(folder, 'cluster.yaml');
    await writeFile(inventory, text);
    const program = addGlobalOptions(new Command()).exitOverride().addCommand(rulesCommand());
    try {
      await program.parseAsync(['-i', inventory, '--no-input', 'rules', ...argv], { from: 'user' });
    } catch (error) {
      if (error instanceof IpvetError) return error;
      throw error;
    }
    throw new Error('did not fail');
  };

  for (const command of ['apply', 'rollback'])
    it(`${command} needs consent`, async () => {
      const error = await run(natText, command);
      expect(error.code).to.equal('REFUSED');
      expect(error.message).to.match(/rules of web-lvs \(preprod\)/);
      expect(error.hint).to.match(/--allow change/);
    });

  it('apply leaves rules managed by none alone, whatever is allowed', async () => {
    const error = await run(natText.replace('managed_by: ipvsadm', 'managed_by: none'), '--yes', 'apply');
    expect(error.code).to.equal('REFUSED');
    expect(error.message).to.contain('managed by none');
  });

  it('needs a director', async () => {
    const error = await run(natText, '-l', 'rs1', 'plan');
    expect(error.code).to.equal('USAGE');
    expect(error.hint).to.equal('directors: director1');
  });
});

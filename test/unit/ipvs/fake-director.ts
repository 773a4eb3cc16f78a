import type { IpvsRules } from '../../../lib/model/facts.ts';
import type { Director } from '../../../lib/model/cluster.ts';
import type { ExecOptions, Host } from '../../../lib/ssh/host.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { rulesLines } from '../../../lib/ipvs/words.ts';
import { IpvsadmModel } from './ipvsadm-model.ts';

/** A director whose ipvsadm is the model: commands change its rules, listings show them. */
export interface FakeDirector extends Host {
  readonly model: IpvsadmModel;
  /** Commands other than listings, in order. */
  readonly commands: string[];
  /** Called before a command runs; what it throws or returns is the answer of ipvsadm. */
  before?: (command: string) => { exitCode: number; stderr: string } | undefined;
}

export function fakeDirector(name: string, save = ''): FakeDirector {
  const model = new IpvsadmModel(parseIpvsRules(save));
  const declaration: Director = {
    role: 'director',
    name,
    host: name,
    dip: '10.10.10.1',
    interface: 'eth1',
    vipInterface: 'eth0',
  };
  const director: FakeDirector = {
    declaration,
    user: 'root',
    model,
    commands: [],
    spawn: () => Promise.reject(new Error('not expected')),
    exec(argv: readonly string[], options: ExecOptions = {}) {
      options.signal?.throwIfAborted();
      const result = { argv, exitCode: 0, stdout: '', stderr: '', truncated: false, durationMs: 1, requestedAtMs: 0 };
      const command = argv.join(' ');
      if (command === 'ipvsadm -Sn') return Promise.resolve({ ...result, stdout: lines(model.rules) });
      if (command === 'ipvsadm -Ln --thresholds') return Promise.resolve({ ...result, stdout: '' });
      director.commands.push(command);
      const answer = director.before?.(command);
      if (answer !== undefined) return Promise.resolve({ ...result, ...answer });
      try {
        model.run(argv);
        return Promise.resolve(result);
      } catch (error) {
        return Promise.resolve({ ...result, exitCode: 2, stderr: `${(error as Error).message}\n` });
      }
    },
  };
  return director;
}

function lines(rules: IpvsRules): string {
  return rulesLines(rules)
    .map((line) => `${line}\n`)
    .join('');
}

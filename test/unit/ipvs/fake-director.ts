import type { IpvsRules } from '../../../lib/model/facts.ts';
import type { Director } from '../../../lib/model/cluster.ts';
import type { ExecOptions, Host, RemoteProcess } from '../../../lib/ssh/host.ts';
import { parseIpvsRules } from '../../../lib/parse/ipvs-rules.ts';
import { rulesLines } from '../../../lib/ipvs/words.ts';
import { IpvsadmModel } from './ipvsadm-model.ts';

/**
 * A director whose ipvsadm is the model: `-R` changes its rules, listings show them; its guard does what it is told. What
 * makes a change is taken apart here, and run in test/unit/changes/guard.test.ts.
 */
export interface FakeDirector extends Host {
  readonly model: IpvsadmModel;
  /** Inputs of `ipvsadm -R`, in order. */
  readonly batches: string[];
  /** What the guard was told, a line each: `begin`, `step`, `done`, `release`. */
  readonly guard: string[];
  /** Called before a batch runs; what it returns is the answer of ipvsadm. */
  before?: (input: string) => { exitCode: number; stderr: string } | undefined;
  /** What the guard answers to a step instead of ok. */
  stepAnswer?: string;
  /** The undo script finds other rules than it should. */
  undoFails?: boolean;
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
    batches: [],
    guard: [],
    spawn: () => Promise.resolve(keeper(director)),
    exec(argv: readonly string[], options: ExecOptions = {}) {
      options.signal?.throwIfAborted();
      const result = { argv, exitCode: 0, stdout: '', stderr: '', truncated: false, durationMs: 1, requestedAtMs: 0 };
      const changes = argv[3] === 'ipvet-change';
      const stdin = changes ? changeText(options.stdin) : (options.stdin ?? '');
      switch (argv.slice(changes ? 5 : 0).join(' ')) {
        case 'ipvsadm -Sn':
          return Promise.resolve({ ...result, stdout: lines(model.rules) });
        case 'ipvsadm -Ln --thresholds':
          return Promise.resolve(result);
        case 'ipvsadm -R': {
          director.batches.push(stdin);
          const answer = director.before?.(stdin);
          return Promise.resolve({ ...result, ...(answer ?? model.restore(stdin)) });
        }
        case 'sh -s':
          if (director.undoFails === true) return Promise.resolve({ ...result, exitCode: 1 });
          model.restore(/<<'RULES'[^\n]*\n([^]*?)RULES\n/.exec(stdin)?.[1] ?? '');
          return Promise.resolve(result);
        default:
          throw new Error(`not expected: ${argv.join(' ')}`);
      }
    },
  };
  return director;
}

/** Without its first line, which names the change, and its last. */
export function changeText(stdin = ''): string {
  const text = /^\S+ \d+\n([^]*)@whole\n$/.exec(stdin)?.[1];
  if (text === undefined) throw new Error(`not the whole of a change: ${stdin}`);
  return text;
}

function keeper(director: FakeDirector): RemoteProcess {
  const answers: string[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  const end = Promise.resolve({ exitCode: 0, stderr: '', lost: false });
  return {
    lines: {
      async *[Symbol.asyncIterator]() {
        while (!ended || answers.length > 0) {
          const text = answers.shift();
          if (text === undefined) await new Promise<void>((resolve) => (wake = resolve));
          else yield { text, atMs: 0 };
        }
      },
    },
    ended: end,
    write(text) {
      const [word = ''] = text.split(/[ \n]/);
      director.guard.push(word);
      const known: Readonly<Record<string, string>> = {
        begin: 'armed detached boot',
        step: director.stepAnswer ?? 'ok',
        release: 'released',
      };
      answers.push(known[word] ?? 'ok');
      wake();
    },
    close: () => {
      ended = true;
      wake();
      return Promise.resolve();
    },
  };
}

function lines(rules: IpvsRules): string {
  return rulesLines(rules)
    .map((line) => `${line}\n`)
    .join('');
}

/** What `ipvet explain` prints: each director's steps, then the answer. Pure. */
import type { Explanation, Refusal } from '../lib/explain/explanation.ts';
import type { ClusterAnswer } from '../lib/explain/cluster-answer.ts';
import type { Flow } from '../lib/explain/input.ts';
import { placeName, placeNames } from '../lib/explain/places.ts';
import type { Protocol } from '../lib/model/cluster.ts';
import { endpoint } from '../lib/model/endpoint.ts';

/** The document of `--json`. */
export interface Explained extends ClusterAnswer {
  readonly format: 'ipvet-explain/1';
  readonly client: { readonly address: string; readonly port?: number };
  readonly service: { readonly address: string; readonly port: number; readonly protocol: Protocol };
  readonly directors: readonly (Explanation | Unreached)[];
}

export interface Unreached {
  readonly director: string;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

export function explainedText({ director, answer, directors }: Explained, flow: Flow): string {
  const { client, clientPort, vip, port, protocol } = flow;
  const from = clientPort === undefined ? client : endpoint(client, clientPort);
  return (
    [
      `${from} → ${endpoint(vip, port)} (${protocol})`,
      ...directors.map((one) => ('error' in one ? unreachedText(one) : directorText(one))),
      answerText(answer, director),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

function unreachedText({ director, error: { message, hint } }: Unreached): string {
  return [`${director} could not be asked: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])].join('\n');
}

const wide = 13;

function directorText({ director, holdsVip, steps, answer, notes, lacking }: Explanation): string {
  const vip =
    holdsVip === null ? 'whether it has the VIP is not known' : holdsVip ? 'has the VIP' : 'does not have the VIP';
  return [
    `${director}: ${vip}`,
    ...steps.flatMap(({ step, text, decides, details = [] }) => [
      row(decides ? `* ${step}` : `  ${step}`, text),
      ...details.map((line) => row('', `  ${line}`)),
    ]),
    ...notes.map((note) => row('  note', note)),
    ...lacking.map((what) => row('  lacking', what)),
    ...(holdsVip === true ? [] : [row('  so', `if it gets the packets: ${told(answer, director).join('; ')}`)]),
  ].join('\n');
}

const row = (label: string, text: string): string => `${label.padEnd(wide)}${text}`;

function answerText(answer: ClusterAnswer['answer'], director: string | undefined): string {
  const [first = '', ...more] = told(answer, director ?? 'the director');
  return [first, ...more.map((line) => `  ${line}`)].join('\n');
}

const words: Readonly<Record<Refusal, string>> = {
  'icmp-port-unreachable': 'ICMP port unreachable',
  'tcp-reset': 'RST',
  'sctp-abort': 'ABORT',
};

const methods = { nat: 'by nat', dr: 'by dr', tun: 'by tun', local: 'on itself' } as const;
const deciders = {
  service: 'the service',
  entry: 'its entry',
  template: 'its template',
  scheduler: 'the scheduler',
} as const;

/** One sentence, then what goes with it. */
function told(answer: ClusterAnswer['answer'], director: string): readonly string[] {
  switch (answer.kind) {
    case 'real-server':
      return [
        `${director} sends it to ${placeName(answer.to)} ${methods[answer.to.forwarding]}: ${deciders[answer.by]} decides`,
        ...(answer.supposing ?? []).map((what) => `supposing that ${what}`),
        answer.to.replyPath,
      ];
    case 'one-of':
      return [
        `${director} sends it to ${answer.to.length === 1 ? '' : 'one of '}${placeNames(answer.to)}${answer.orRefused ? ', or refuses it' : ''}; which cannot be told: ${answer.because}`,
        ...answer.to.slice(0, 1).map(({ replyPath }) => (answer.to.length === 1 ? replyPath : `such as: ${replyPath}`)),
      ];
    case 'refused':
      return [`${director} refuses it with ${words[answer.reply]}: ${answer.because}`];
    case 'dropped':
      return [`${director} drops it without a word: ${answer.because}`];
    case 'untold':
      return [`cannot be told: ${answer.because}`];
    case 'nowhere':
      return [`nowhere: ${answer.because}`];
  }
}

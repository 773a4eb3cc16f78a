/** What `ipvet explain` says: public, as `--json` prints it. */
import type { NamedEntry } from '../model/client-entries.ts';
import type { ForwardingMethod } from '../model/cluster.ts';

/** In the order in which the kernel decides. */
export type StepName = 'service' | 'entry' | 'template' | 'scheduler';

/** Where packets are sent, and how the answer comes back. */
export interface Place {
  /** RIP and port, as the connection table has them. */
  readonly destination: string;
  /** Absent for one that the cluster file does not declare. */
  readonly realServer?: string;
  /** `local`: an address of the director itself. */
  readonly forwarding: ForwardingMethod | 'local';
  readonly replyPath: string;
}

export type Answer =
  | { readonly kind: 'real-server'; readonly to: Place; readonly by: StepName; readonly supposing?: readonly string[] }
  /** One of these, and nobody can tell which: the kernel shows nowhere what it goes by. */
  | {
      readonly kind: 'one-of';
      readonly to: readonly Place[];
      readonly by: StepName;
      readonly orRefused: boolean;
      readonly because: string;
    }
  | { readonly kind: 'refused'; readonly reply: Refusal; readonly by: StepName; readonly because: string }
  /** Without a word to the client. */
  | { readonly kind: 'dropped'; readonly by: StepName; readonly because: string }
  /** A fact that decides could not be had. */
  | { readonly kind: 'untold'; readonly because: string };

export type Refusal = 'icmp-port-unreachable' | 'tcp-reset' | 'sctp-abort';

export interface Step extends StepDetails {
  readonly step: StepName;
  readonly text: string;
  /** Whether the answer is this step's. Later ones are what would follow without it. */
  readonly decides: boolean;
}

export interface StepDetails {
  /** One line each, under the text. */
  readonly details?: readonly string[];
  /** Entries of the client, or its template. */
  readonly entries?: readonly NamedEntry[];
  /** The scheduler's, in the kernel's order. */
  readonly destinations?: readonly ExplainedDestination[];
}

export interface ExplainedDestination {
  readonly destination: string;
  readonly realServer?: string;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
  /** At its connection threshold; where only the kernel knows, `perhaps`. */
  readonly full: 'no' | 'yes' | 'perhaps';
}

export interface ExplainedService {
  /** `TCP 192.168.122.100:80`, `FWM 7`. */
  readonly rule: string;
  /** As the cluster file calls it; absent where it declares none there. */
  readonly name?: string;
  /** By what it takes the packet. */
  readonly by: Way;
  readonly scheduler: string;
  readonly persistent: boolean;
  /** Absent without persistence, and where only root may read it. */
  readonly persistenceS?: number;
}

export type Way = 'mark' | 'address' | 'ftp-data' | 'any-port';

export interface Explanation {
  readonly director: string;
  /** Null where its addresses are not known. */
  readonly holdsVip: boolean | null;
  /** Null where none takes the packet, or that could not be read. */
  readonly service: ExplainedService | null;
  readonly answer: Answer;
  readonly steps: readonly Step[];
  /** What else bears on it. */
  readonly notes: readonly string[];
  /** What could not be had and would be needed to tell, each with its reason. */
  readonly lacking: readonly string[];
}

/** What one step comes to; without an answer the kernel goes on to the next one. */
export interface StepResult extends StepDetails {
  readonly text: string;
  readonly answer?: Answer;
  readonly notes?: readonly string[];
  readonly lacking?: readonly string[];
}

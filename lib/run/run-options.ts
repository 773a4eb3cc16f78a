/** What a run is given. */
import type { Check } from '../model/check.ts';
import type { Cluster, LoadProfile } from '../model/cluster.ts';
import type { Connected } from '../ssh/connected.ts';
import type { Listener } from './journal.ts';
import type { Selection } from './selection.ts';

export interface RunOptions extends Selection {
  readonly cluster: Cluster;
  readonly command: string;
  readonly version: string;
  /** Folder that gets the run's own folder. */
  readonly outDirectory: string;
  readonly profile?: LoadProfile;
  /** Checks from the folder that the cluster file names. */
  readonly suiteChecks?: readonly Check[];
  readonly failOn: 'fail' | 'warn';
  readonly timeoutMs?: number;
  /** As `FleetOptions` has it. */
  readonly reachTimeoutMs?: number;
  /** Connections that are being made already; the run ends them. Without it the run makes its own. */
  readonly connected?: Connected;
  /** Load begins with the run, while the hosts are still being asked. */
  readonly loadFirst?: boolean;
  /** Asked about each lock that is held; true takes it, and what its holder changed is undone first. */
  readonly stealLock?: (held: string) => Promise<boolean>;
  /** Asks on the terminal; absent off a terminal. */
  readonly prompt?: (question: string) => Promise<string>;
  readonly onEvent?: Listener;
}

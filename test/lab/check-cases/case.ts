/** A check that is to fail on a real host: how the host is broken by hand, and what `ipvet check` must then say. */
export interface CheckCase {
  readonly topology: 'nat' | 'dr' | 'tun' | 'dr-v6';
  readonly check: string;
  /** Host the verdict is about, as the lab calls it: director1, rs1 to rs3, client1. */
  readonly host: string;
  /** Where the change is made, when that is another host. */
  readonly on?: string;
  readonly service?: string;
  /** sh lines, as root. Must not end the operator's way in. */
  readonly apply: string;
  /** sh lines, as root, that bring back what was there. */
  readonly revert: string;
  readonly outcome: 'fail' | 'warn';
  readonly reason: RegExp;
  /** Cases of one batch are applied together; those that would disturb one another have different ones. Default: 0. */
  readonly batch?: number;
}

/**
 * How a change is taken back, as a POSIX sh text that works without us: the same text is run by the run itself, by the
 * guard on the host when the run is gone, and by an operator with `sh`.
 */
export interface UndoStep {
  /** Host of the cluster file. */
  readonly host: string;
  /** What is taken back, in one phrase. */
  readonly what: string;
  /**
   * Lines of sh, run as the login user. `root CMD…` runs a program as root (directly, or with `sudo -n`). Idempotent, also
   * right when the change was never made or was made in part. Its exit code is that of its last line, which looks at
   * the host and says whether it is as it was found: 0 yes. Bounded: no step waits for anything outside the host.
   */
  readonly script: string;
  /** The change outlives a restart of the host, as one of a file does. */
  readonly lasting?: true;
}

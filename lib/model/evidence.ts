/** Something seen on a host, kept word for word so that a reader can repeat it by hand. */
export interface Evidence {
  /** Name of the host it was seen on, as the cluster file calls it. */
  readonly host: string;
  /** The command an operator would type to see it again. */
  readonly command: string;
  /** What it printed, capped; a cap is said in the text. */
  readonly output: string;
  /** The process's exit code, where there was a process. */
  readonly exitCode?: number;
}

/** How to mend a finding by hand. Commands are POSIX sh lines to run as root on `host`. */
export interface Remedy {
  readonly host: string;
  /** One imperative sentence. */
  readonly summary: string;
  /** Takes effect now. */
  readonly commands: readonly string[];
  /** Survives a reboot. */
  readonly persistent?: readonly string[];
  /** Takes the commands back. */
  readonly undo?: readonly string[];
}

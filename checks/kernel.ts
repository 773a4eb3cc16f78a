/** Versions of Linux, as far as behaviour is told by them. */

export type KernelVersion = readonly [major: number, minor: number];

/** `6.1.0-13-amd64` is 6.1; undefined for text that is no release of Linux. */
export function kernelVersion(release: string): KernelVersion | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)(?:[.+-]|$)/.exec(release) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** By version alone: what a distribution took over into an older kernel is not known here. */
export function isBefore([major, minor]: KernelVersion, [otherMajor, otherMinor]: KernelVersion): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

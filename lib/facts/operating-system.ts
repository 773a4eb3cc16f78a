import { parseOsRelease } from '../parse/os-release.ts';
import { type Collector, type Files, requireFile } from './collector.ts';

const kernelFile = '/proc/sys/kernel/osrelease';
/** os-release(5): the second is read when the first is not there. */
const releaseFiles = ['/etc/os-release', '/usr/lib/os-release'];

export const operatingSystem: Collector<'os'> = {
  fact: 'os',
  needsRoot: false,
  files: () => [...releaseFiles, kernelFile],
  command: () => 'cat /etc/os-release; uname -r',
  script: () => '',
  parse: (section) => ({
    ...parseOsRelease(releaseText(section.files)),
    kernel: requireFile(section, kernelFile).trim(),
  }),
  show: ({ files }) => `${releaseText(files)}${files.get(kernelFile) ?? ''}`,
};

function releaseText(files: Files): string {
  return releaseFiles.map((path) => files.get(path)).find((text) => text !== undefined) ?? '';
}

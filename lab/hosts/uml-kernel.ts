/**
 * The kernel of UML hosts, as this machine's processor needs it. The kernel of Debian 12 (Linux 6.1) keeps 2,696 bytes of the
 * floating-point and vector registers of a process and gives as many to ptrace(2); where processors have more, AMX above
 * all, their kernel takes all of them or none (xstateregs_set, arch/x86/kernel/fpu/regset.c), and the guest ends
 * before its first program. A copy of the kernel then says the length that is wanted. What is read beyond the 2,696
 * bytes counts for nothing: which registers are meant is in their header, which is among them.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { asIpvetError, IpvetError } from '../../lib/errors.ts';
import { UML_KERNEL } from '../root/root.ts';

const run = promisify(execFile);

/** `struct _xstate` of that kernel. */
const knownBytes = 2696;
/** In put_fp_registers(), arch/x86/um/os-Linux/registers.c: the length is stored, then comes PTRACE_SETREGSET. */
const before = Buffer.from('48c745f8', 'hex');
const after = Buffer.from('bf05420000', 'hex');

/** Prints how many bytes PTRACE_GETREGSET of NT_X86_XSTATE gives. */
const sizeProgram = `
my $child = fork // die "fork: $!";
if (!$child) { syscall 101, 0, 0, 0, 0; kill "STOP", $$; exit }
waitpid $child, 0;
my $registers = "\\0" x 65536;
my $vector = pack "P Q", $registers, length $registers;
my $failed = syscall 101, 0x4204, $child, 0x202, $vector;
my $why = $!;
kill "KILL", $child;
waitpid $child, 0;
die "ptrace: $why" if $failed;
print unpack "x8 Q", $vector;
`;

let wanted: Promise<number> | undefined;

/** Path of the kernel; one that had to be changed is in the folder `cache`. Throws LAB where it cannot be. */
export async function umlKernel(cache: string): Promise<string> {
  wanted ??= registerBytes();
  const bytes = await wanted;
  if (bytes <= knownBytes) return UML_KERNEL;
  const { size, mtimeMs } = statSync(UML_KERNEL);
  const file = path.join(cache, `kernel-${size}-${Math.round(mtimeMs)}-${bytes}`);
  if (existsSync(file)) return file;
  const made = `${file}.${process.pid}`;
  writeFileSync(made, withLength(readFileSync(UML_KERNEL), bytes), { mode: 0o755 });
  renameSync(made, file);
  // A host that runs has what it is bound to.
  for (const name of readdirSync(cache))
    if (name.startsWith('kernel-') && name !== path.basename(file)) rmSync(path.join(cache, name), { force: true });
  return file;
}

async function registerBytes(): Promise<number> {
  try {
    const { stdout } = await run('perl', ['-e', sizeProgram]);
    return Number(stdout);
  } catch (error) {
    throw asIpvetError(error, 'LAB', 'how large the registers of this processor are could not be asked');
  }
}

/** The kernel with another length in its one call. Throws LAB. */
export function withLength(kernel: Buffer, bytes: number): Buffer {
  const length = (value: number): Buffer => {
    const immediate = Buffer.alloc(4);
    immediate.writeUInt32LE(value);
    return Buffer.concat([before, immediate, after]);
  };
  const at = kernel.indexOf(length(knownBytes));
  if (at < 0 || kernel.includes(length(knownBytes), at + 1))
    throw new IpvetError('LAB', `${UML_KERNEL} cannot run on a processor with ${bytes} bytes of registers`, {
      hint: 'it is known how to help user-mode-linux 6.1 of Debian 12; use that, or a processor without AMX',
    });
  const changed = Buffer.from(kernel);
  length(bytes).copy(changed, at);
  return changed;
}

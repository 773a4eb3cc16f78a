/**
 * What to offer in the key exchange. The operator's list says what is allowed; the order is by what is cheap here:
 * curve25519 and AES-GCM run inside OpenSSL, while chacha20-poly1305 is WebAssembly where ssh2 has no native binding.
 */
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import type { ClientConfig } from './config.ts';

const kex: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];
/** Only where the operator's configuration asks for them: old appliances. */
const oldKex: readonly KexAlgorithm[] = [
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
];
const ciphers: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];
const oldCiphers: readonly CipherAlgorithm[] = ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'];
const macs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha1',
];
const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];
const oldHostKeys: readonly ServerHostKeyAlgorithm[] = ['ssh-rsa'];

/** Those the operator allows; all the sound ones where his list has none that ssh2 speaks. */
function allowed<T extends string>(sound: readonly T[], old: readonly T[], list: readonly string[] | undefined): T[] {
  if (list === undefined) return [...sound];
  const found = [...sound, ...old].filter((name) => list.includes(name));
  return found.length > 0 ? found : [...sound];
}

/**
 * `knownTypes`: types of the keys the host is known by. They come first, as with OpenSSH, so that a host known by its
 * ECDSA key is not refused because it has an Ed25519 key as well.
 */
export function algorithmsFor(config: ClientConfig, knownTypes: readonly string[]): Algorithms {
  const keys = allowed(hostKeys, oldHostKeys, config.hostKeyAlgorithms);
  const known = keys.filter((name) => knownTypes.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name));
  return {
    kex: allowed(kex, oldKex, config.kexAlgorithms),
    serverHostKey: [...known, ...keys.filter((name) => !known.includes(name))],
    cipher: allowed(ciphers, oldCiphers, config.ciphers),
    hmac: allowed(macs, [], config.macs),
    compress: ['none'],
  };
}

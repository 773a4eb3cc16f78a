/** Address and port as the connection table, URLs and reports have them: `10.10.10.10:80`, `[2001:db8::1]:80`. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** An address of the same family that no route but a default one leads to (RFC 5737, RFC 3849). */
export function nobodysAddress(like: string): string {
  return like.includes(':') ? '2001:db8::' : '192.0.2.0';
}

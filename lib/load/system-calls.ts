/**
 * Linux sockets and epoll by their own names, through koffi: what node:net costs a connection (a handle, a stream, its
 * listeners) is as much as the kernel's own work for it. The only place that imports koffi.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Each gives what the system call gives; -1 is an error, whose number `errno` has. */
export interface SystemCalls {
  readonly errno: () => number;
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Buffer, length: number) => number;
  readonly connect: (fd: number, address: Buffer, length: number) => number;
  readonly close: (fd: number) => number;
  readonly send: (fd: number, bytes: Buffer, length: number, flags: number) => number;
  readonly recv: (fd: number, into: Buffer, length: number, flags: number) => number;
  readonly getsockname: (fd: number, address: Buffer, length: Buffer) => number;
  readonly getsockopt: (fd: number, level: number, option: number, value: Buffer, length: Buffer) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: Buffer, length: number) => number;
  readonly epollCreate: (flags: number) => number;
  readonly epollCtl: (epoll: number, operation: number, fd: number, event: Buffer) => number;
  readonly epollWait: (epoll: number, events: Buffer, most: number, timeoutMs: number) => number;
  readonly timerCreate: (clock: number, flags: number) => number;
  readonly timerSet: (fd: number, flags: number, value: Buffer, old: null) => number;
}

/** include/uapi/asm-generic, include/linux/socket.h, include/uapi/linux/{eventpoll,in,in6,tcp}.h */
export const linux = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_TCP: 6,
  SO_ERROR: 4,
  /** Leaves the choice of the port to connect(2), which goes through them in turn; for IPv6 sockets too. */
  IP_BIND_ADDRESS_NO_PORT: 24,
  TCP_INFO: 11,
  /** Offset of `tcpi_total_retrans` in `struct tcp_info`. */
  tcpiTotalRetrans: 100,
  MSG_NOSIGNAL: 0x4000,
  EPOLLIN: 0x1,
  EPOLLOUT: 0x4,
  EPOLLERR: 0x8,
  EPOLLHUP: 0x10,
  EPOLLRDHUP: 0x2000,
  EPOLLET: 0x8000_0000,
  EPOLL_CTL_ADD: 1,
  EAGAIN: 11,
  EINTR: 4,
  EINPROGRESS: 115,
  CLOCK_MONOTONIC: 1,
} as const;

/** `struct epoll_event` is packed on x86-64 and nowhere else. */
export const epollEvent =
  process.arch === 'x64' ? ({ bytes: 12, dataAt: 4 } as const) : ({ bytes: 16, dataAt: 8 } as const);

/** Undefined where there is no Linux with a 64-bit little-endian processor, or koffi has no binary for its C library. */
export async function systemCalls(): Promise<SystemCalls | undefined> {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const call = <N extends keyof SystemCalls>(_name: N, declaration: string) =>
      libc.func(declaration) as SystemCalls[N];
    return {
      errno: () => koffi.errno(),
      socket: call('socket', 'int socket(int, int, int)'),
      bind: call('bind', 'int bind(int, const void *, uint32_t)'),
      connect: call('connect', 'int connect(int, const void *, uint32_t)'),
      close: call('close', 'int close(int)'),
      send: call('send', 'intptr_t send(int, const void *, size_t, int)'),
      recv: call('recv', 'intptr_t recv(int, void *, size_t, int)'),
      getsockname: call('getsockname', 'int getsockname(int, void *, void *)'),
      getsockopt: call('getsockopt', 'int getsockopt(int, int, int, void *, void *)'),
      setsockopt: call('setsockopt', 'int setsockopt(int, int, int, const void *, uint32_t)'),
      epollCreate: call('epollCreate', 'int epoll_create1(int)'),
      epollCtl: call('epollCtl', 'int epoll_ctl(int, int, int, const void *)'),
      epollWait: call('epollWait', 'int epoll_wait(int, void *, int, int)'),
      timerCreate: call('timerCreate', 'int timerfd_create(int, int)'),
      timerSet: call('timerSet', 'int timerfd_settime(int, int, const void *, void *)'),
    };
  } catch {
    return undefined;
  }
}

/** `struct sockaddr_in` or `sockaddr_in6` of an address and port. */
export function socketAddress(address: string, port: number): Buffer {
  const bytes = ipaddr.parse(address).toByteArray();
  const six = isIP(address) === 6;
  const packed = Buffer.alloc(six ? 28 : 16);
  packed.writeUInt16LE(six ? linux.AF_INET6 : linux.AF_INET, 0);
  packed.writeUInt16BE(port, 2);
  packed.set(bytes, six ? 8 : 4);
  return packed;
}

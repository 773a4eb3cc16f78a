/** Places whose connections are system calls of our own, and the epoll that all of a thread share. */
import { getSystemErrorMap } from 'node:util';
import type { Answer } from './answer.ts';
import { Place, type PlaceEvents, type PlacePlan } from './place.ts';
import { epollEvent, linux, socketAddress, type SystemCalls } from './system-calls.ts';

const mostEvents = 512;
/** Reads of one connection before the others have their turn. */
const readsInTurn = 16;
/** A handshake shorter than this had no SYN lost: the kernel sends it again after 1 s. */
const lossFreeMs = 900;

/** Reads of all connections land here: each is consumed before the next one. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

export class SystemPoller {
  readonly calls: SystemCalls;
  readonly target: Buffer;
  readonly sources: readonly (Buffer | undefined)[];
  readonly #epoll: number;
  readonly #events = Buffer.alloc(mostEvents * epollEvent.bytes);
  readonly #event = Buffer.alloc(epollEvent.bytes);
  readonly #byDescriptor: (SystemPlace | undefined)[] = [];
  readonly #timer: number;
  readonly #timerValue = Buffer.alloc(32);
  /** Places whose socket may have more to read than was read in their turn. */
  #unread: SystemPlace[] = [];

  constructor(calls: SystemCalls, plan: PlacePlan) {
    this.calls = calls;
    this.target = socketAddress(plan.host, plan.port);
    this.sources = plan.sources.map((source) => (source === undefined ? undefined : socketAddress(source, 0)));
    this.#epoll = calls.epollCreate(linux.SOCK_CLOEXEC);
    this.#timer = calls.timerCreate(linux.CLOCK_MONOTONIC, linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC);
    this.#watch(this.#timer, linux.EPOLLIN | linux.EPOLLET);
  }

  /** Whether the kernel gave what it takes to poll. */
  get usable(): boolean {
    return this.#epoll >= 0 && this.#timer >= 0;
  }

  /** Waits for events, at most so long, and hands them to their places. */
  turn(waitMs: number): void {
    const unread = this.#unread;
    this.#unread = [];
    const count = this.calls.epollWait(this.#epoll, this.#events, mostEvents, unread.length > 0 ? 0 : waitMs);
    for (let index = 0; index < count; index++) {
      const at = index * epollEvent.bytes;
      const descriptor = this.#events.readInt32LE(at + epollEvent.dataAt);
      this.#byDescriptor[descriptor]?.ready(this.#events.readInt32LE(at));
    }
    for (const place of unread) place.ready(linux.EPOLLIN | linux.EPOLLHUP);
  }

  /** Ends a wait after so long, to a fraction of a millisecond. */
  wakeAfter(ms: number): void {
    const ns = Math.max(1, Math.round(ms * 1e6));
    this.#timerValue.writeBigInt64LE(BigInt(Math.floor(ns / 1e9)), 16);
    this.#timerValue.writeBigInt64LE(BigInt(ns % 1e9), 24);
    this.calls.timerSet(this.#timer, 0, this.#timerValue, null);
  }

  /** A negative number is `-errno`. */
  add(descriptor: number, place: SystemPlace): number {
    this.#byDescriptor[descriptor] = place;
    return this.#watch(descriptor, linux.EPOLLIN | linux.EPOLLOUT | linux.EPOLLRDHUP | linux.EPOLLET);
  }

  remove(descriptor: number): void {
    this.#byDescriptor[descriptor] = undefined;
    this.calls.close(descriptor);
  }

  readLater(place: SystemPlace): void {
    this.#unread.push(place);
  }

  close(): void {
    this.calls.close(this.#timer);
    this.calls.close(this.#epoll);
  }

  #watch(descriptor: number, events: number): number {
    this.#event.writeInt32LE(events | 0, 0);
    this.#event.writeInt32LE(descriptor, epollEvent.dataAt);
    return this.calls.epollCtl(this.#epoll, linux.EPOLL_CTL_ADD, descriptor, this.#event);
  }
}

export class SystemPlace extends Place {
  readonly #poller: SystemPoller;
  readonly #type: number;
  readonly #family: number;
  #descriptor = -1;
  #port = 0;
  #connectBegunMs = 0;
  #handshakeDone = false;

  constructor(plan: PlacePlan, events: PlaceEvents, answer: Answer, poller: SystemPoller) {
    super(plan, events, answer);
    this.#poller = poller;
    const kind = plan.transport === 'udp' ? linux.SOCK_DGRAM : linux.SOCK_STREAM;
    this.#type = kind | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC;
    this.#family = poller.target.readUInt16LE(0);
  }

  override get localPort(): number {
    return this.#port;
  }

  protected override connect(_source: string | undefined, nowMs: number): void {
    const { calls, target, sources } = this.#poller;
    this.#port = 0;
    this.#handshakeDone = false;
    this.#connectBegunMs = nowMs;
    const descriptor = calls.socket(this.#family, this.#type, 0);
    if (descriptor < 0) {
      this.#failed('socket', nowMs);
      return;
    }
    this.#descriptor = descriptor;
    const source = sources[this.source];
    if (source !== undefined) {
      // Old kernels do not know the option, and bind takes a port at random then.
      calls.setsockopt(descriptor, linux.SOL_IP, linux.IP_BIND_ADDRESS_NO_PORT, one, 4);
      if (calls.bind(descriptor, source, source.length) < 0) {
        this.#failed('bind', nowMs);
        return;
      }
    }
    const outcome = calls.connect(descriptor, target, target.length);
    if (outcome < 0 && calls.errno() !== linux.EINPROGRESS) {
      this.#failed('connect', nowMs);
      return;
    }
    this.#port = this.#boundPort();
    if (this.#poller.add(descriptor, this) < 0) this.#failed('epoll_ctl', nowMs);
    else if (this.plan.transport === 'udp') {
      this.#handshakeDone = true;
      this.onConnected(nowMs);
    }
  }

  protected override write(bytes: Buffer, nowMs: number): void {
    const sent = this.#poller.calls.send(this.#descriptor, bytes, bytes.length, linux.MSG_NOSIGNAL);
    if (sent < 0) this.#failed('send', nowMs);
    // A request is small beside the smallest send buffer, 4 KiB (tcp(7), tcp_wmem).
    else if (sent < bytes.length)
      this.fail(nowMs, 'other', `only ${sent} of ${bytes.length} bytes of the request were sent`);
  }

  protected override disconnect(): void {
    if (this.#descriptor < 0) return;
    this.#poller.remove(this.#descriptor);
    this.#descriptor = -1;
  }

  /** `events` as epoll has them. */
  ready(events: number): void {
    const descriptor = this.#descriptor;
    if (descriptor < 0) return;
    if (!this.#handshakeDone) {
      const nowMs = performance.now();
      if ((events & (linux.EPOLLERR | linux.EPOLLHUP)) !== 0) {
        this.#refused(nowMs);
        return;
      }
      if ((events & linux.EPOLLOUT) === 0) return;
      this.#handshakeDone = true;
      if (nowMs - this.#connectBegunMs >= lossFreeMs) this.synsAgain = this.#retransmits();
      this.onConnected(nowMs);
    }
    if ((events & ~linux.EPOLLOUT) !== 0 && this.#descriptor === descriptor) this.#read(descriptor, events);
  }

  /**
   * Until nothing is left. A read that leaves room in the buffer has taken all that was there at the event, and with
   * RDHUP the end after it; what comes later is an event of its own.
   */
  #read(descriptor: number, events: number): void {
    const { calls } = this.#poller;
    const stream = this.plan.transport !== 'udp';
    const onlyData = (events & ~(linux.EPOLLIN | linux.EPOLLOUT | linux.EPOLLRDHUP)) === 0;
    const nowMs = performance.now();
    for (let turn = 0; turn < readsInTurn; turn++) {
      const length = calls.recv(descriptor, buffer, buffer.length, 0);
      if (length > 0 || (length === 0 && this.plan.transport === 'udp')) this.onData(buffer, length, nowMs);
      else if (length === 0) this.onEnd(nowMs);
      else if (calls.errno() === linux.EAGAIN) return;
      else if (calls.errno() !== linux.EINTR) this.#failed('recv', nowMs);
      if (this.#descriptor !== descriptor || length === 0) return;
      if (stream && onlyData && length > 0 && length < buffer.length) {
        if ((events & linux.EPOLLRDHUP) !== 0) this.onEnd(nowMs);
        return;
      }
    }
    this.#poller.readLater(this);
  }

  /** The last call failed. */
  #failed(call: string, nowMs: number): void {
    this.#error(call, this.#poller.calls.errno(), nowMs);
  }

  #refused(nowMs: number): void {
    optionLength.writeUInt32LE(4, 0);
    this.#poller.calls.getsockopt(this.#descriptor, linux.SOL_SOCKET, linux.SO_ERROR, optionValue, optionLength);
    this.#error('connect', optionValue.readInt32LE(0), nowMs);
  }

  #error(call: string, errno: number, nowMs: number): void {
    const [code, text] = systemErrors.get(-errno) ?? [undefined, `error ${errno}`];
    this.onError(code, `${call} ${code ?? ''}: ${text}`, nowMs, this.#port);
  }

  #boundPort(): number {
    optionLength.writeUInt32LE(addressBytes.length, 0);
    if (this.#poller.calls.getsockname(this.#descriptor, addressBytes, optionLength) < 0) return 0;
    return addressBytes.readUInt16BE(2);
  }

  /** Undefined when the kernel does not say. */
  #retransmits(): number | undefined {
    optionLength.writeUInt32LE(tcpInfo.length, 0);
    const outcome = this.#poller.calls.getsockopt(
      this.#descriptor,
      linux.SOL_TCP,
      linux.TCP_INFO,
      tcpInfo,
      optionLength,
    );
    if (outcome < 0 || optionLength.readUInt32LE(0) < linux.tcpiTotalRetrans + 4) return undefined;
    return tcpInfo.readUInt32LE(linux.tcpiTotalRetrans);
  }
}

const systemErrors = getSystemErrorMap();
const one = Buffer.from([1, 0, 0, 0]);
const optionValue = Buffer.alloc(4);
const optionLength = Buffer.alloc(4);
const addressBytes = Buffer.alloc(28);
const tcpInfo = Buffer.alloc(256);

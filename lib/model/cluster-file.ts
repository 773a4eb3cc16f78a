/**
 * The cluster file as written. schema/cluster.schema.json is made from these types (`npm run generate`), ajv judges a
 * file by that schema, lib/config fills in the defaults. Public: keys are added, never changed.
 */

/**
 * Name of a host, service or profile: letters, digits, dot, dash and underscore.
 * @pattern ^[A-Za-z0-9][A-Za-z0-9._-]*$
 * @maxLength 64
 */
type Name = string;

/** IPv4 or IPv6 address. @format ip */
type Address = string;

/** An address, or a range of them: `10.0.0.10-10.0.0.40`. @format ip-range */
type AddressRange = string;

/** @minItems 1 @maxItems 256 */
type AddressPool = AddressRange[];

/** @asType integer @minimum 1 @maximum 65535 */
type Port = number;

/**
 * Name of a network interface.
 * @pattern ^[^\s/]{1,15}$
 */
type InterfaceName = string;

/**
 * 0 quiesces.
 * @asType integer @minimum 0 @maximum 65535
 */
type Weight = number;

/**
 * Number of connections at once; 0 is no threshold.
 * @asType integer @minimum 0 @maximum 4294967295
 */
type Connections = number;

interface ConnectionThresholdsEntry {
  /** With so many connections a real server gets no new ones. */
  upper: Connections;
  /** With fewer than that it gets some again. Default: three quarters of `upper`. */
  lower?: Connections;
}

/** @pattern ^[0-9]+(\.[0-9]+)?(ms|s|m|h)$ */
type DurationText = string;

/** @exclusiveMinimum 0 */
type Seconds = number;

/** A span of time: a number of seconds, or a number with a unit (`500ms`, `5s`, `2m`). */
type Duration = Seconds | DurationText;

export interface ClusterFile {
  version: 1;
  /** What the cluster is called in reports. */
  name: Name;
  /** `production` refuses disruption; `lab` allows everything. */
  environment: 'lab' | 'preprod' | 'production';
  ssh?: SshSection;
  /** @minItems 1 */
  directors: DirectorEntry[];
  /** @minItems 1 */
  real_servers: RealServerEntry[];
  /** Where load comes from. */
  clients?: ClientEntry[];
  dns?: DnsEntry[];
  /** @minItems 1 */
  virtual_services: VirtualServiceEntry[];
  rules?: { managed_by: 'ipvsadm' | 'keepalived' | 'none' };
  /** How the directors stand in for each other. */
  ha?: HaSection;
  checks?: ChecksSection;
  load?: { profiles?: Record<Name, LoadProfileEntry> };
  thresholds?: ThresholdEntry[];
  waivers?: WaiverEntry[];
}

export interface SshSection {
  /**
   * Login user; ~/.ssh/config decides when absent.
   * @minLength 1
   * @pattern ^(?!-)[^\s\p{Cc}\p{Cf}]*$
   */
  user?: string;
  /** How to become root. */
  become?: 'sudo' | 'none';
  /**
   * Connections that are made at the same time; 32 when absent.
   * @asType integer @minimum 1 @maximum 1024
   */
  parallel?: number;
  /**
   * OpenSSH client configuration used in place of ~/.ssh/config; relative to the cluster file.
   * @minLength 1
   */
  config?: string;
}

interface HostEntry {
  name: Name;
  /**
   * Alias, name or address for ssh; `localhost` is this machine without ssh. Default: the name.
   * @minLength 1
   * @pattern ^(?!-)[^\s\p{Cc}\p{Cf}]*$
   */
  host?: string;
  /**
   * Login user, where it differs from `ssh.user`.
   * @minLength 1
   * @pattern ^(?!-)[^\s\p{Cc}\p{Cf}]*$
   */
  user?: string;
  port?: Port;
  /** Host of this file to go through. */
  jump?: Name;
}

export interface DirectorEntry extends HostEntry {
  /** The director's own address towards the real servers. */
  dip: Address;
  /** Interface that carries the DIP. */
  interface: InterfaceName;
  /** Interface that carries the VIP. Default: `interface`. */
  vip_interface?: InterfaceName;
  /** How its power is cut and comes back, from outside: for `ipvet failover director-power-off`, which alone runs it. */
  power?: PowerSection;
}

/** Commands of the machine that runs ipvet, as who runs it; 120 s each at most. Without both a director is never switched off. */
export interface PowerSection {
  /** Ends with exit code 0 when the power is off, such as `ipmitool -E -H bmc1 -U ops chassis power off`. */
  off: CommandEntry;
  /** Ends with exit code 0 when it is on again; the host may still be booting. Also run when ipvet was killed meanwhile. */
  on: CommandEntry;
}

export interface RealServerEntry extends HostEntry {
  rip: Address;
  /** Interface that carries the RIP; with it sudo can be told word for word how to ask who answers for the VIP. */
  interface?: InterfaceName;
  weight?: Weight;
  /** Connections it takes, for each service. Absent: as the director has it. */
  thresholds?: ConnectionThresholdsEntry;
}

export interface ClientEntry extends HostEntry {
  /**
   * Address the load comes from; or a pool that connections take in turn, as a range or a list of addresses and ranges.
   * Those of a pool that the client does not have are added to `interface` for the load, and removed after it.
   */
  cip: AddressRange | AddressPool;
  /** Interface that carries the CIP. A pool needs it. */
  interface?: InterfaceName;
  /**
   * Network namespace of this machine the client lives in (Linux, with `host: localhost`).
   * @minLength 1
   * @pattern ^(?![.-])[^\s/\p{Cc}\p{Cf}]*$
   */
  netns?: string;
}

export interface DnsEntry {
  /**
   * @minLength 1
   * @pattern ^(?!-)[A-Za-z0-9_.-]*$
   */
  name: string;
  address: Address;
  /** Name server to ask; each host's own resolver when absent. */
  server?: Address;
}

/** @pattern ^[0-9]+(\.[0-9]+){3}$ */
type NetmaskText = string;

/** @asType integer @minimum 1 @maximum 128 */
type PrefixLength = number;

export interface VirtualServiceEntry {
  name: Name;
  vip: Address;
  port: Port;
  protocol?: 'tcp' | 'udp' | 'sctp';
  /**
   * Firewall mark by which the director takes packets, in place of VIP, port and protocol; those stay, as what clients use.
   * @asType integer @minimum 1 @maximum 4294967295
   */
  fwmark?: number;
  forwarding: 'nat' | 'dr' | 'tun';
  /** Kernel short name. */
  scheduler?:
    'rr' | 'wrr' | 'lc' | 'wlc' | 'fo' | 'ovf' | 'lblc' | 'lblcr' | 'dh' | 'sh' | 'sed' | 'nq' | 'mh' | 'twos';
  /** Flags of the schedulers sh and mh; an empty list is none. Absent: as the director has it. */
  scheduler_flags?: ('sh-fallback' | 'sh-port' | 'mh-fallback' | 'mh-port')[];
  /** For UDP: each datagram is scheduled on its own. Absent: as the director has it. */
  one_packet?: boolean;
  /**
   * Persistence timeout in seconds; 0 is none.
   * @asType integer @minimum 0 @maximum 2678400
   */
  persistence?: number;
  /** Clients that count as one for persistence: an IPv4 mask, or an IPv6 prefix length. Absent: as the director has it. */
  persistence_netmask?: NetmaskText | PrefixLength;
  /** `sip` goes by the Call-ID. Absent: as the director has it. */
  persistence_engine?: 'sip' | 'none';
  /** `all`, or the real servers by name, each with its own port and weight where they differ. */
  real_servers?: 'all' | DestinationList;
  health?: {
    /**
     * Path to GET.
     * @pattern ^/\S*$
     */
    http?: string;
    /**
     * Status that means healthy.
     * @asType integer @minimum 100 @maximum 599
     */
    expect?: number;
  };
  /**
   * How a response names its real server: a header, a pattern over the body (first group, or all of it), or the common
   * name of the certificate it shows.
   */
  identify_by?: HeaderIdentification | BodyIdentification | CertificateIdentification;
  /** What clients say to the service and what they must hear, where it is not HTTP in the clear. */
  exchange?: ExchangeEntry;
}

/** One request of a load and its response. */
export interface ExchangeEntry {
  /** Default: `http`, or `udp` for a UDP service. `tls` and `tcp` are bare: what is sent is `send`. */
  protocol?: 'http' | 'https' | 'tcp' | 'tls' | 'udp';
  /**
   * Text to send, with tcp, tls and udp. Default: nothing over TCP, where the handshake is the answer; over UDP a line
   * that must come back as it was sent.
   * @minLength 1
   * @maxLength 1024
   */
  send?: string;
  /**
   * Regular expression that the response (the body, with HTTP) must match.
   * @minLength 1
   */
  expect?: string;
  /**
   * Name asked for in the TLS handshake, and the Host header of HTTP. Default: the VIP.
   * @minLength 1
   * @pattern ^(?!-)[A-Za-z0-9_.-]*$
   * @maxLength 253
   */
  server_name?: string;
}

interface HeaderIdentification {
  /**
   * Response header that names the real server.
   * @pattern ^[!#$%&'*+.^_`|~0-9A-Za-z-]+$
   */
  header: string;
}

interface BodyIdentification {
  /**
   * Regular expression over the response body.
   * @minLength 1
   */
  body: string;
}

interface CertificateIdentification {
  /** `subject`: the common name of the TLS certificate. */
  certificate: 'subject';
}

/** @minItems 1 */
type DestinationList = DestinationEntry[];

export type DestinationEntry = Name | DestinationDetails;

interface DestinationDetails {
  name: Name;
  port?: Port;
  weight?: Weight;
  /** Connections it takes for this service. */
  thresholds?: ConnectionThresholdsEntry;
}

export interface HaSection {
  engine: 'keepalived';
  /**
   * VRRP virtual router id.
   * @asType integer @minimum 1 @maximum 255
   */
  vrid?: number;
  /** Time between VRRP advertisements. */
  advert_int?: Duration;
}

export interface ChecksSection {
  /** `minimal`: mandatory checks only. `strict`: recommended checks count as mandatory ones. */
  profile?: 'minimal' | 'standard' | 'strict';
  /** Checks of your own: a command, and what it must answer. See docs/custom-checks.md. */
  custom?: CustomCheckEntry[];
  /**
   * Folder with files of checks (TypeScript or JavaScript), relative to the cluster file. They run on this machine with
   * your rights. See docs/custom-checks.md.
   * @minLength 1
   */
  suites?: string;
}

/**
 * Name of a check of your own: lower-case letters, digits and dashes.
 * @pattern ^[a-z0-9]+(-[a-z0-9]+)*$
 * @maxLength 64
 */
type CheckName = string;

/** A program and its arguments. @minItems 1 */
type CommandWords = string[];

/** A line of POSIX sh. @minLength 1 */
type CommandLine = string;

/** A line of POSIX sh, or a list of words: a program and its arguments. */
export type CommandEntry = CommandLine | CommandWords;

export interface CustomCheckEntry {
  /** The check is called `custom/ID`. */
  id: CheckName;
  /**
   * What holds when all is well, as reports say it.
   * @minLength 3
   */
  title: string;
  /** Hosts by name. Default: every host. @minItems 1 */
  hosts?: Name[];
  /** In place of hosts: all of these roles. @minItems 1 */
  roles?: ('director' | 'real-server' | 'client')[];
  /** Run on the host as the login user, never through sudo. It must only look. */
  command: CommandEntry;
  expect?: ExpectationEntry;
  /** `mandatory` fails the run (the default), `recommended` warns. */
  severity?: 'mandatory' | 'recommended';
  /** `pre`: before rules are installed (the default). `post`: with the rules in place. */
  stage?: 'pre' | 'post';
  /** Longest the command may run. Default: 10 s. */
  timeout?: Duration;
  /** Why it matters. */
  why?: string;
  /** What to do when it does not hold. */
  remedy?: RemedyText | RemedyEntry;
}

/** What the command must answer; all of it. Default: exit code 0. */
export interface ExpectationEntry {
  /**
   * Exit code. Default: 0.
   * @asType integer @minimum 0 @maximum 255
   */
  exit?: number;
  /**
   * Regular expression that the standard output must match; `^` and `$` are at every line.
   * @minLength 1
   */
  stdout?: string;
  /**
   * Regular expression that the standard error must match.
   * @minLength 1
   */
  stderr?: string;
  /** Most that the number may be: the first group of `stdout`, or the first number that is printed. */
  max?: number;
  /** Least that the number may be. */
  min?: number;
}

/** @minLength 3 */
type RemedyText = string;

interface RemedyEntry {
  /**
   * One sentence.
   * @minLength 3
   */
  summary: string;
  /** Lines of POSIX sh, for root on the host. ipvet only shows them. */
  commands?: string[];
}

export interface LoadProfileEntry {
  /**
   * `ab`: a new connection per request; `keepalive`: many requests per connection; `capacity`: an open loop at rising
   * rates, until one does not hold.
   */
  mode?: 'ab' | 'keepalive' | 'capacity';
  /** @asType integer @minimum 1 @maximum 1000000000 */
  requests?: number;
  /** @asType integer @minimum 1 @maximum 100000 */
  concurrency?: number;
  /**
   * Threads that make connections. Default: 1.
   * @asType integer @minimum 1 @maximum 64
   */
  threads?: number;
  /**
   * Mode `ab`: requests that each connection carries, one after the other, before it is closed. Default: 1.
   * @asType integer @minimum 1 @maximum 1000000
   */
  requests_per_connection?: number;
  /**
   * Open loop, mode `ab`: requests begun each second, whether earlier ones were answered or not; `concurrency` is then
   * the most at once. Absent: closed loop, each of `concurrency` places begins its next request when it has its answer.
   */
  rate?: RequestsPerSecond;
  /** Open loop whose rate changes: spans of time in turn, in place of `rate`. @minItems 1 @maxItems 1000 */
  stages?: StageEntry[];
  /** Times between requests of an open loop: all the same (the default), or random as of many clients that know nothing of each other. */
  arrivals?: 'constant' | 'poisson';
  /** Longest wait for one connection. */
  timeout?: Duration;
  /** Stop after this long. */
  time_limit?: Duration;
  /**
   * Stop once this many requests failed.
   * @asType integer @minimum 1
   */
  abort_after_failures?: number;
  /** With mode `capacity`: rates to try, and what makes one hold. */
  capacity?: CapacityEntry;
  /** Also send a small load around the director, to each real server that the client reaches, to tell its cost from that of IPVS. */
  control?: boolean;
}

export interface CapacityEntry {
  /** First rate. Default: 50. */
  start?: RequestsPerSecond;
  /** Highest rate that is tried. Default: 10000. */
  ceiling?: RequestsPerSecond;
  /** How long each rate is held. Default: 5 s. */
  step?: Duration;
  /** Failed requests, at most: a share. Default: 0. */
  errors?: string | number;
  /** Requests begun late, at most: a share. Default: 1%. */
  late?: string | number;
  /** 99th percentile of the time to the last byte, from when the request should have begun. Default: 1 s. */
  latency?: Duration;
}

/** @exclusiveMinimum 0 @maximum 1000000 */
type RequestsPerSecond = number;

export interface StageEntry {
  /** Requests a second; those at its end, with `from`. */
  rate: RequestsPerSecond;
  /** A ramp: the rate at its beginning. Default: `rate`, all the time. @minimum 0 @maximum 1000000 */
  from?: number;
  for: Duration;
}

export interface ThresholdEntry {
  /** Name of a load profile. */
  load: Name;
  /** A figure of the load result. */
  metric: string;
  /** A number, or one with a unit: `0.1%`, `250ms`. */
  max?: string | number;
  min?: string | number;
  /** End the load as soon as it is crossed; of `errors.rate` and `errors.count`. */
  abort_on_fail?: boolean;
  /** With `abort_on_fail`: not before the load has lasted so long. Default: 2 s. */
  delay_abort?: Duration;
}

export interface WaiverEntry {
  /**
   * Id of the check.
   * @minLength 1
   */
  check: string;
  hosts?: Name[];
  /** @minLength 3 */
  why: string;
  /** Who decided it. @minLength 1 */
  by?: string;
  /**
   * Last day it holds, UTC.
   * @pattern ^\d{4}-\d{2}-\d{2}$
   */
  expires: string;
}

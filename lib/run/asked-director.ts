/** Asks a director for what `ipvet explain` goes by. Reads only; what takes root is the rules alone. */
import { asIpvetError, IpvetError } from '../errors.ts';
import type { AskedDirector, Flow, HashSizes } from '../explain/input.ts';
import { templateKey } from '../explain/template.ts';
import { collectFacts } from '../facts/collect.ts';
import { questionsFor } from '../facts/questions.ts';
import type { ClientEntries } from '../model/client-entries.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Evidence } from '../model/evidence.ts';
import { type Fact, known, type ListedService, missing } from '../model/facts.ts';
import { parseServiceListing } from '../parse/service-listing.ts';
import { readClientEntries } from '../sampling/client-entries.ts';
import type { Host } from '../ssh/host.ts';

interface AskOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the host's facts. */
  readonly timeoutMs?: number;
}

const facts = ['ipvsRules', 'addresses', 'sysctl', 'os'] as const;
const commandTimeoutMs = 15_000;
/** Without IPVS there is no file, and no service. */
const absent = 3;
const listing = '/proc/net/ip_vs';
const conn = '/proc/net/ip_vs_conn';
const listingArgv = ['sh', '-c', `[ -e ${listing} ] || exit ${absent}; cat ${listing}`] as const;
const noEntries: ClientEntries = { extent: 'whole', rows: 0, entries: [], found: 0, templates: [] };

/** What the director does not tell is a Missing in its place. Throws SSH_*, ABORTED. */
export async function askDirector(
  cluster: Cluster,
  host: Host,
  flow: Flow,
  options: AskOptions,
): Promise<AskedDirector> {
  const { name } = host.declaration;
  const { signal } = options;
  const questions = { ...questionsFor(cluster, host.declaration, facts), sysctlKeys: ['net.ipv4.vs.*'] };
  const [report, services] = await Promise.all([
    collectFacts(host, questions, options),
    factOf(name, listing, () => readServices(host, signal)),
  ]);
  const listed = services.known ? (services.value ?? []) : [];
  const kernel = report.facts.os?.known === true ? report.facts.os.value.kernel : undefined;
  const hashed = listed.some(({ scheduler }) => scheduler === 'sh' || scheduler === 'mh');
  const [entries, hashSizes] = await Promise.all([
    services.known && services.value === undefined
      ? known(noEntries, evidence(name, conn))
      : factOf(name, conn, () => readEntries(host, flow, listed, signal)),
    hashed && kernel !== undefined ? readHashSizes(host, kernel, signal) : {},
  ]);
  const notCollected = missing('not-collected', `${name} was not asked`);
  return {
    name,
    addresses: report.facts.addresses ?? notCollected,
    services: services.known ? { ...services, value: listed } : services,
    rules: report.facts.ipvsRules ?? notCollected,
    sysctl: report.facts.sysctl ?? notCollected,
    os: report.facts.os ?? notCollected,
    entries,
    hashSizes,
  };
}

/** Undefined where IPVS is not loaded. */
async function readServices(host: Host, signal: AbortSignal): Promise<readonly ListedService[] | undefined> {
  const options = { exitCodes: [0, absent], timeoutMs: commandTimeoutMs, signal };
  const { exitCode, stdout } = await host.exec(listingArgv, options);
  return exitCode === absent ? undefined : parseServiceListing(stdout);
}

/** Also without services: there may be entries of one that was taken out. */
async function readEntries(
  host: Host,
  flow: Flow,
  listed: readonly ListedService[],
  signal: AbortSignal,
): Promise<ClientEntries> {
  const templates = listed.flatMap((service) => templateKey(service, flow) ?? []);
  const entries = await readClientEntries(host, { ...flow, templates: [...new Set(templates)] }, signal);
  if (entries !== undefined) return entries;
  const { name } = host.declaration;
  throw new IpvetError(
    'PERMISSION',
    `${name}: ${host.user} cannot read ${conn}, which the kernel lets everybody read`,
    {
      host: name,
      hint: `Look at it there: ls -l ${conn}; mount | grep proc`,
    },
  );
}

/** As distributions lay the kernel's configuration down. Empty where none of them does. */
async function readHashSizes(host: Host, kernel: string, signal: AbortSignal): Promise<HashSizes> {
  const files = [`/boot/config-${kernel}`, `/lib/modules/${kernel}/config`];
  const argv = ['grep', '-hsE', '^CONFIG_IP_VS_(SH_TAB_BITS|MH_TAB_INDEX)=', ...files];
  const { stdout } = await host.exec(argv, { exitCodes: 'any', timeoutMs: commandTimeoutMs, signal });
  const value = (option: string) => new RegExp(`^${option}=(\\d+)$`, 'm').exec(stdout)?.[1];
  const [bits, index] = [value('CONFIG_IP_VS_SH_TAB_BITS'), value('CONFIG_IP_VS_MH_TAB_INDEX')];
  return {
    ...(bits === undefined ? {} : { shTableBits: Number(bits) }),
    ...(index === undefined ? {} : { mhTableIndex: Number(index) }),
  };
}

const evidence = (host: string, command: string): Evidence => ({ host, command, output: '' });

async function factOf<T>(name: string, file: string, read: () => Promise<T>): Promise<Fact<T>> {
  try {
    return known(await read(), evidence(name, `cat ${file}`));
  } catch (error) {
    const { code, message, hint } = asIpvetError(error, 'INTERNAL', name);
    if (code === 'ABORTED' || code.startsWith('SSH_')) throw error;
    const reason = code === 'PERMISSION' ? 'permission' : code === 'EXEC_TIMEOUT' ? 'deadline' : 'command-failed';
    return missing(reason, message, hint === undefined ? {} : { hint });
  }
}

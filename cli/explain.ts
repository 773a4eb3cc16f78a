/** `ipvet explain`: where a client goes, and why. Reads only. */
import { Command, Option } from 'commander';

import { asIpvetError, IpvetError } from '../lib/errors.ts';
import { clusterAnswer } from '../lib/explain/cluster-answer.ts';
import { explain } from '../lib/explain/explain.ts';
import type { Flow } from '../lib/explain/input.ts';
import type { Cluster, Protocol } from '../lib/model/cluster.ts';
import { jsonText } from '../lib/model/json-text.ts';
import { redactor } from '../lib/redaction.ts';
import { askDirector } from '../lib/run/asked-director.ts';
import { exitCodes } from '../lib/run/outcome.ts';
import { connectFleet } from '../lib/ssh/fleet.ts';
import type { Fleet } from '../lib/ssh/host.ts';
import { endpointArgument, serviceArgument } from './endpoint-argument.ts';
import { type Explained, explainedText } from './explain-text.ts';
import { clusterOf, type GlobalOptions, globalOptions, prompter } from './options.ts';
import { shown } from './terminal.ts';

export function explainCommand(): Command {
  return new Command('explain')
    .description('where a client would go, and why: entry, template, scheduler, as the kernel decides')
    .argument('<client>', 'CIP[:PORT]; without a port, a connection from one not used yet')
    .argument('<service>', 'VIP:PORT')
    .addOption(
      new Option('--protocol <name>', 'by default that of the declared service, else tcp').choices([
        'tcp',
        'udp',
        'sctp',
      ]),
    )
    .action(async (client: string, service: string, flags: { protocol?: Protocol }, command: Command) => {
      const options = globalOptions(command);
      const from = endpointArgument(client, 'CIP[:PORT]');
      const to = serviceArgument(service, 'VIP:PORT');
      if (from.address.includes(':') !== to.address.includes(':'))
        throw new IpvetError('USAGE', `${from.address} and ${to.address} are of different address families`, {
          hint: 'a client reaches a VIP of its own family',
        });
      const cluster = await clusterOf(options);
      const flow: Flow = {
        client: from.address,
        ...(from.port === undefined ? {} : { clientPort: from.port }),
        vip: to.address,
        port: to.port,
        protocol: flags.protocol ?? declaredProtocol(cluster, to),
      };
      const explained = await askAll(cluster, flow, options);
      process.stdout.write(
        options.json ? `${jsonText(redactor.value(explained), 2)}\n` : shown(explainedText(explained, flow)),
      );
      const lacks = explained.directors.some((one) => 'error' in one || one.lacking.length > 0);
      process.exitCode = lacks ? exitCodes.inconclusive : exitCodes.pass;
    });
}

function declaredProtocol(
  { virtualServices }: Cluster,
  to: { readonly address: string; readonly port: number },
): Protocol {
  const there = virtualServices.filter(({ vip, port }) => vip === to.address && port === to.port);
  const protocols = new Set(there.map(({ protocol }) => protocol));
  const [protocol = 'tcp'] = protocols;
  return protocols.size === 1 ? protocol : 'tcp';
}

async function askAll(cluster: Cluster, flow: Flow, options: GlobalOptions): Promise<Explained> {
  const names = cluster.directors.map(({ name }) => name);
  const wanted = names.filter((name) => options.limit.length === 0 || options.limit.includes(name));
  if (wanted.length === 0)
    throw new IpvetError('USAGE', '--limit leaves no director to ask', { hint: `directors: ${names.join(', ')}` });
  const abort = new AbortController();
  const stop = () => {
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const prompt = prompter(options);
  const fleet = connectFleet(cluster, { signal: abort.signal, ...(prompt === undefined ? {} : { prompt }) });
  try {
    const directors = await Promise.all(
      wanted.map((name) => askOne(fleet, cluster, name, flow, options, abort.signal)),
    );
    const answered = directors.flatMap((one) => ('error' in one ? [] : [one]));
    const unasked = names.filter((name) => !answered.some(({ director }) => director === name));
    const { clientPort, client, vip, port, protocol } = flow;
    return {
      format: 'ipvet-explain/1',
      client: { address: client, ...(clientPort === undefined ? {} : { port: clientPort }) },
      service: { address: vip, port, protocol },
      ...clusterAnswer(answered, unasked, flow),
      directors,
    };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop);
    await fleet.close();
  }
}

/** A director that cannot be asked says why in its place; the others are told all the same. */
async function askOne(
  fleet: Fleet,
  cluster: Cluster,
  name: string,
  flow: Flow,
  { timeoutMs }: GlobalOptions,
  signal: AbortSignal,
): Promise<Explained['directors'][number]> {
  try {
    const asking = { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    return explain(await askDirector(cluster, await fleet.host(name), flow, asking), flow, cluster);
  } catch (error) {
    const { code, message, hint } = asIpvetError(error, 'INTERNAL', name);
    if (code === 'ABORTED') throw error;
    return { director: name, error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

/** Which way to a host: its ssh configuration, and the hosts it is reached through. */
import { IpvetError } from '../errors.ts';
import { type Cluster, type HostDeclaration, hostsOf } from '../model/cluster.ts';
import { type ClientConfig, parseHop, proxyCommandLine } from './config.ts';
import { ConfigReader } from './config-reader.ts';
import type { Target } from './failures.ts';
import { quoteArgv } from './quote.ts';

export interface Route extends Target {
  readonly config: ClientConfig;
  readonly through?: Route;
  /** ProxyCommand with its tokens filled in. */
  readonly proxyCommand?: string;
  /** Equal for two routes that lead to the same login. */
  readonly key: string;
}

interface Question {
  readonly label: string;
  readonly alias: string;
  readonly user?: string;
  readonly port?: number;
  /** Hosts of the cluster file to go through; stronger than the ssh configuration. */
  readonly jump?: HostDeclaration;
  /** The hops before this one in the same ProxyJump; absent: the configuration decides. */
  readonly hops?: readonly string[];
}

const longestChain = 8;

export class Routes {
  readonly #cluster: Cluster;
  readonly #reader: ConfigReader;
  readonly #declared: ReadonlyMap<string, HostDeclaration>;
  readonly #configs = new Map<string, Promise<ClientConfig>>();

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#reader = new ConfigReader(signal);
    this.#declared = new Map(hostsOf(cluster).map((host) => [host.name, host]));
  }

  /** Throws SSH_CONFIG, CONFIG, ABORTED. */
  async to(declaration: HostDeclaration): Promise<Route> {
    return this.#resolve(this.#questionOf(declaration), []);
  }

  #questionOf({ name, host, user = this.#cluster.ssh.user, port, jump }: HostDeclaration): Question {
    const through = jump === undefined ? undefined : this.#declared.get(jump);
    if (jump !== undefined && through === undefined)
      throw new IpvetError('CONFIG', `${name}: its jump host ${jump} is not in the cluster file.`, {
        host: name,
        hint: `jump: names another host of the file: ${[...this.#declared.keys()].join(', ')}.`,
      });
    return {
      label: name,
      alias: host,
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port }),
      ...(through === undefined ? {} : { jump: through }),
    };
  }

  async #resolve(question: Question, path: readonly string[]): Promise<Route> {
    const id = JSON.stringify([question.alias, question.user, question.port, question.jump?.name, question.hops]);
    if (path.includes(id) || path.length >= longestChain)
      throw new IpvetError(
        'SSH_CONFIG',
        `${question.label}: its jump hosts lead in a circle, or are more than ${longestChain}.`,
        {
          host: question.label,
          hint: 'Correct jump: in the cluster file, or ProxyJump in the ssh configuration.',
        },
      );
    return this.#look(question, [...path, id]);
  }

  async #look(question: Question, path: readonly string[]): Promise<Route> {
    const { label, alias, user, port, jump, hops } = question;
    const configFile = this.#cluster.ssh.configFile;
    const config = await this.#config(question, configFile);
    const through = await this.#through(question, config, path);
    const proxyCommand =
      through === undefined && hops === undefined && config.proxyCommand !== undefined
        ? proxyCommandLine(config.proxyCommand, config)
        : undefined;
    const command = quoteArgv([
      'ssh',
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...(jump === undefined || through === undefined ? [] : ['-J', hopOf(through.config)]),
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      alias,
    ]);
    return {
      label,
      config,
      command,
      ...(through === undefined ? {} : { through, via: through.label }),
      ...(proxyCommand === undefined ? {} : { proxyCommand }),
      key: JSON.stringify([config.user, config.hostname, config.port, config.hostKeyAlias, through?.key, proxyCommand]),
    };
  }

  async #through({ jump, hops }: Question, config: ClientConfig, path: readonly string[]): Promise<Route | undefined> {
    if (jump !== undefined) return this.#resolve(this.#questionOf(jump), path);
    const chain = hops ?? config.proxyJump?.split(',');
    const last = chain?.at(-1);
    if (chain === undefined || last === undefined) return undefined;
    const hop = parseHop(last);
    const before = chain.slice(0, -1);
    return this.#resolve({ ...hop, label: hop.alias, ...(before.length === 0 ? {} : { hops: before }) }, path);
  }

  #config({ alias, user, port }: Question, configFile: string | undefined): Promise<ClientConfig> {
    const key = JSON.stringify([alias, user, port]);
    let found = this.#configs.get(key);
    if (found === undefined) {
      const question = {
        alias,
        ...(user === undefined ? {} : { user }),
        ...(port === undefined ? {} : { port }),
        ...(configFile === undefined ? {} : { configFile }),
      };
      this.#configs.set(key, (found = this.#reader.ask(question)));
    }
    return found;
  }
}

function hopOf({ user, hostname, port }: ClientConfig): string {
  return `${user}@${hostname.includes(':') ? `[${hostname}]` : hostname}${port === 22 ? '' : `:${port}`}`;
}

/** Keys to log in with: those of the agent, then key files, in the order OpenSSH takes them. Never a password. */
import { readFile } from 'node:fs/promises';
import ssh2, {
  type AnyAuthMethod,
  type BaseAgent,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { redactor } from '../redaction.ts';
import type { ClientConfig } from './config.ts';

export type Prompt = (question: string) => Promise<string>;

/** A key read from a file, or why there is none. */
type KeyFile =
  | { readonly state: 'missing' }
  | { readonly state: 'usable'; readonly key: ParsedKey }
  | { readonly state: 'encrypted'; readonly text: Buffer }
  | { readonly state: 'unusable'; readonly why: string };

const passphraseTries = 3;
const agentTimeoutMs = 5000;

/** Key files and agents of one run; each file is read once, each passphrase asked for once. */
export class Identities {
  readonly #prompt: Prompt | undefined;
  readonly #files = new Map<string, Promise<KeyFile>>();
  readonly #unlocked = new Map<string, Promise<ParsedKey | undefined>>();
  /** One question at a time on the terminal. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(prompt: Prompt | undefined) {
    this.#prompt = prompt;
  }

  file(path: string): Promise<KeyFile> {
    let found = this.#files.get(path);
    if (found === undefined) this.#files.set(path, (found = readKey(path)));
    return found;
  }

  get mayAsk(): boolean {
    return this.#prompt !== undefined;
  }

  /** The key of an encrypted file, or undefined when nobody can be asked or the answer was wrong. */
  unlock(path: string, text: Buffer): Promise<ParsedKey | undefined> {
    let found = this.#unlocked.get(path);
    if (found === undefined) {
      const turn = this.#asking.then(() => this.#ask(path, text));
      this.#asking = turn.catch(() => undefined);
      this.#unlocked.set(path, (found = turn));
    }
    return found;
  }

  async #ask(path: string, text: Buffer): Promise<ParsedKey | undefined> {
    if (this.#prompt === undefined) return undefined;
    for (let tries = 0; tries < passphraseTries; tries++) {
      const passphrase = await this.#prompt(`Passphrase for ${path}: `);
      if (passphrase === '') return undefined;
      redactor.learn(passphrase);
      const key = parseKey(text, passphrase);
      if (!(key instanceof Error)) return key;
    }
    return undefined;
  }
}

async function readKey(path: string): Promise<KeyFile> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing' };
    return { state: 'unusable', why: error instanceof Error ? error.message : String(error) };
  }
  const key = parseKey(text);
  if (!(key instanceof Error))
    return key.isPrivateKey() ? { state: 'usable', key } : { state: 'unusable', why: 'it is a public key' };
  return /encrypted|passphrase/i.test(key.message)
    ? { state: 'encrypted', text }
    : { state: 'unusable', why: key.message };
}

/** ssh2 declares one key, and gives a list for a file in OpenSSH's own format in some versions. */
function parseKey(text: Buffer | string, passphrase?: string): ParsedKey | Error {
  const parsed: ParsedKey | Error | readonly ParsedKey[] = ssh2.utils.parseKey(text, passphrase);
  return Array.isArray(parsed) ? ((parsed as readonly ParsedKey[])[0] ?? new Error('no key in it')) : parsed;
}

type PublicKey = Parameters<BaseAgent['sign']>[0];

/** An agent that has one key: what was tried can be told key by key. */
class OneKeyAgent extends ssh2.BaseAgent {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(done: Parameters<BaseAgent['getIdentities']>[0]): void {
    done(undefined, [this.#key]);
  }

  override sign(
    key: PublicKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}

interface Candidate {
  /** As the error of a failed login names it. */
  readonly name: string;
  /** Undefined: it turned out not to be usable, and `notes` says why. */
  method(): Promise<AnyAuthMethod | undefined>;
}

/** One login: which keys there are, which were tried, and what was left out and why. */
export class Login {
  readonly tried: string[] = [];
  readonly notes: string[] = [];
  readonly #candidates: Candidate[];

  private constructor(candidates: Candidate[], notes: string[]) {
    this.#candidates = candidates;
    this.notes.push(...notes);
  }

  static async prepare(config: ClientConfig, identities: Identities): Promise<Login> {
    const notes: string[] = [];
    const files = await Promise.all(
      config.identityFiles.map(async (path) => ({ path, file: await identities.file(path) })),
    );
    const publicKeys = await Promise.all(config.identityFiles.map((path) => publicKeyOf(path, identities)));
    const wanted = publicKeys.filter((key) => key !== undefined);
    const agent = config.agentSocket === undefined ? undefined : ssh2.createAgent(config.agentSocket);
    let agentKeys: ParsedKey[] = [];
    if (agent !== undefined) {
      try {
        agentKeys = await identitiesOf(agent);
      } catch (error) {
        notes.push(
          `the agent at ${config.agentSocket ?? ''} does not answer (${error instanceof Error ? error.message : String(error)})`,
        );
      }
    }
    const named = (key: ParsedKey) => wanted.some((blob) => blob.equals(key.getPublicSSH()));
    // Configured keys first, then the agent's others: sshd cuts a login off after a few.
    const ordered = [
      ...agentKeys.filter(named),
      ...(config.identitiesOnly ? [] : agentKeys.filter((key) => !named(key))),
    ];
    const candidates: Candidate[] = [];
    for (const key of ordered) {
      if (agent === undefined) break;
      const method: AnyAuthMethod = { type: 'agent', username: config.user, agent: new OneKeyAgent(agent, key) };
      candidates.push({
        name: `agent key ${key.comment === '' ? key.type : key.comment}`,
        method: () => Promise.resolve(method),
      });
    }
    for (const [index, { path, file }] of files.entries()) {
      const blob = publicKeys[index];
      if (blob !== undefined && ordered.some((key) => blob.equals(key.getPublicSSH()))) continue;
      if (file.state === 'unusable') notes.push(`${path} cannot be used (${file.why})`);
      else if (file.state === 'encrypted' && !identities.mayAsk)
        notes.push(`${path} is encrypted and there is no terminal to ask for its passphrase`);
      else if (file.state !== 'missing')
        candidates.push({
          name: path,
          method: async () => {
            const key = file.state === 'usable' ? file.key : await identities.unlock(path, file.text);
            return key === undefined ? undefined : { type: 'publickey', username: config.user, key };
          },
        });
    }
    return new Login(candidates, notes);
  }

  /** The next method to try; undefined when there is none left. */
  async next(): Promise<AnyAuthMethod | undefined> {
    for (;;) {
      const candidate = this.#candidates.shift();
      if (candidate === undefined) return undefined;
      const method = await candidate.method();
      if (method !== undefined) {
        this.tried.push(candidate.name);
        return method;
      }
      this.notes.push(`${candidate.name} could not be unlocked`);
    }
  }
}

/** The public half, also of a key that is encrypted or lives in the agent only. */
async function publicKeyOf(path: string, identities: Identities): Promise<Buffer | undefined> {
  const file = await identities.file(path);
  if (file.state === 'usable') return file.key.getPublicSSH();
  const beside = path.endsWith('.pub') ? path : `${path}.pub`;
  try {
    const key = parseKey(await readFile(beside));
    return key instanceof Error ? undefined : key.getPublicSSH();
  } catch {
    return undefined;
  }
}

function identitiesOf(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${agentTimeoutMs / 1000} s`));
    }, agentTimeoutMs);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) reject(error);
      else
        resolve(
          (keys ?? []).flatMap((key) => {
            const parsed = ssh2.utils.parseKey(key as ParsedKey);
            return parsed instanceof Error ? [] : [parsed];
          }),
        );
    });
  });
}

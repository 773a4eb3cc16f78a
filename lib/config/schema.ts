/** Judges a value by schema/cluster.schema.json (ajv), and words what is wrong for a person who has never seen a JSON Schema. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { fromSources, ownFile } from '../own-files.ts';
import { schemaFormats } from './schema-formats.ts';
import { suggestion } from './suggestion.ts';
import type { Path, Place } from './source.ts';

export interface SchemaProblem {
  readonly path: Path;
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
  /** The value at `path` lacks something; what it has is as it should be. Otherwise the whole value is wrong. */
  readonly lacking?: true;
}

type Schema = Readonly<Record<string, unknown>>;

/** The published schema, as text. */
export function schemaText(): string {
  return readFileSync(ownFile('schema/cluster.schema.json'), 'utf8');
}

// Loaded by who needs it: a file that conforms does without ajv in the packed build, where loading it takes longer than all else.
const load = createRequire(import.meta.url);
let compiler: Ajv | undefined;

/**
 * The published schema is no input: the unit tests hold it against its meta-schema, which takes as long to compile. What is
 * compiled judges one file, so making it faster would take longer than it saves.
 */
function ajv(): Ajv {
  compiler ??= new (load('ajv') as typeof import('ajv')).Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    validateSchema: false,
    meta: false,
    formats: schemaFormats,
    code: { optimize: false },
  });
  return compiler;
}

/** What bin/build.ts made of the published schema. */
function conforms(value: unknown): boolean {
  const validate = load(fileURLToPath(ownFile('schema/cluster.validator.cjs'))) as (value: unknown) => boolean;
  return validate(value);
}

const validators = new Map<Schema, ValidateFunction>();
let published: Schema | undefined;

function root(): Schema {
  published ??= JSON.parse(schemaText()) as Schema;
  return published;
}

function validatorOf(schema: Schema): ValidateFunction {
  let validate = validators.get(schema);
  if (validate === undefined) {
    validate = ajv().compile(schema === root() ? schema : { ...schema, definitions: root()['definitions'] });
    validators.set(schema, validate);
  }
  return validate;
}

/** Everything in which `value` differs from the schema; empty when it conforms. */
export function schemaProblems(value: unknown): readonly SchemaProblem[] {
  if (!fromSources && conforms(value)) return [];
  return judge(root(), value, []);
}

function judge(schema: Schema, value: unknown, base: Path): readonly SchemaProblem[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).map((error) => ({ ...error, path: pointer(error.instancePath) }));
  // Of a choice ajv reports every branch that was not taken; only the one that was meant is of use.
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  const outermost = choices.filter(
    ({ path }) => !choices.some((other) => other.path.length < path.length && within(path, other.path)),
  );
  const others = errors.filter(({ path }) => !outermost.some((choice) => within(path, choice.path)));
  return [
    ...others.flatMap((error) => worded(error, base, others)),
    ...outermost.flatMap((error) => judgeChoice(error, [...base, ...error.path])),
  ];
}

function judgeChoice(error: ErrorObject, path: Path): readonly SchemaProblem[] {
  const branches = (error.schema as Schema[]).map(dereferenced);
  const value: unknown = error.data;
  const tried = branches
    .filter((branch) => ofType(value, branch['type']) && !('const' in branch))
    .map((branch) => judge(branch, value, path))
    .sort((a, b) => a.length - b.length);
  const [closest] = tried;
  if (closest !== undefined) return closest.map((problem) => notBoth(problem, path, branches));
  const description = (error.parentSchema as Schema | undefined)?.['description'];
  const hint = typeof description === 'string' ? description : undefined;
  return [
    {
      path,
      place: 'value',
      message: `${subject(path)} must be ${branches.map(kindOf).join(' or ')}, not ${shown(value)}`,
      ...(hint === undefined ? {} : { hint }),
    },
  ];
}

/** A key that is unknown in the branch taken and known in another is one too many, not a misspelt one. */
function notBoth(problem: SchemaProblem, path: Path, branches: readonly Schema[]): SchemaProblem {
  const key = problem.path.length === path.length + 1 ? (problem.path.at(-1) ?? '') : '';
  const alternatives = branches.map((branch) => Object.keys(branch['properties'] ?? {}));
  if (problem.place !== 'key' || !alternatives.some((keys) => keys.includes(key))) return problem;
  const choice = alternatives.map((keys) => keys.map((name) => `\`${name}\``).join(' and ')).join(' or ');
  const [not, hint] =
    branches.length === 2 ? ['not both', 'keep one of the two'] : ['not several of them', 'keep one of them'];
  return { ...problem, message: `${subject(path)} has ${choice}, ${not}`, hint };
}

type Located = ErrorObject & { readonly path: Path };

function worded(error: Located, base: Path, all: readonly Located[]): readonly SchemaProblem[] {
  // What is wrong with a name used as a key comes a second time, as `propertyNames`.
  if (error.propertyName !== undefined) return [];
  const path = [...base, ...error.path];
  const parameters = error.params as Readonly<Record<string, unknown>>;
  const one = (message: string, hint?: string, place: Place = 'value'): readonly SchemaProblem[] => [
    { path, place, message, ...(hint === undefined ? {} : { hint }) },
  ];
  const what = subject(path);
  const limit = String(parameters['limit']);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error, path, String(parameters['additionalProperty']));
    case 'required': {
      const key = String(parameters['missingProperty']);
      // A misspelt key is one mistake, not two.
      if (all.some((other) => sameObject(other, error) && suggestionFor(other) === key)) return [];
      return one(`${containerName(path)} has no \`${key}\``, describe(error, key)).map((problem) => ({
        ...problem,
        lacking: true,
      }));
    }
    case 'type':
      return error.data === null
        ? one(`${what} has no value`, 'give it one, or remove the key')
        : one(`${what} must be ${typeWords(parameters['type'])}, not ${shown(error.data)}`, typeHint(error));
    case 'enum':
    case 'const': {
      const values = error.keyword === 'enum' ? (error.schema as unknown[]) : [error.schema];
      const near = typeof error.data === 'string' ? suggestion(error.data, values.map(String)) : undefined;
      const list = values.map((value) => `\`${String(value)}\``).join(', ');
      return one(
        `${what} cannot be ${shown(error.data)}`,
        `${near === undefined ? '' : `did you mean \`${near}\`? `}it is ${values.length === 1 ? 'always' : 'one of'} ${list}`,
      );
    }
    case 'format':
      return error.schema === 'ip-range'
        ? one(
            `${shown(error.data)} is neither an address nor a range of them`,
            addressHint(String(error.data)) ?? 'write 10.0.0.10, or 10.0.0.10-10.0.0.40',
          )
        : one(`${shown(error.data)} is not an IPv4 or IPv6 address`, addressHint(String(error.data)));
    case 'pattern':
      return one(`${what} cannot be ${shown(error.data)}`, patternHint(String(parameters['pattern'])));
    case 'minimum':
      return one(`${what} is ${shown(error.data)}; the least is ${limit}`);
    case 'exclusiveMinimum':
      return one(`${what} is ${shown(error.data)}; it must be more than ${limit}`);
    case 'maximum':
      return one(`${what} is ${shown(error.data)}; the most is ${limit}`);
    case 'minItems':
      return one(`${what} is empty`, 'list at least one');
    case 'minLength':
      return one(limit === '1' ? `${what} is empty` : `${what} is too short; it has at least ${limit} characters`);
    case 'maxLength':
      return one(`${what} is too long; it has at most ${limit} characters`);
    case 'propertyNames':
      return one(`\`${String(parameters['propertyName'])}\` cannot be a name`, patternHint(namePattern), 'key').map(
        (problem) => ({ ...problem, path: [...path, String(parameters['propertyName'])] }),
      );
    default:
      return one(`${what} ${error.message ?? 'is not as it should be'}`);
  }
}

function unknownKey(error: Located, path: Path, key: string): readonly SchemaProblem[] {
  const near = suggestionFor(error);
  const keys = Object.keys(propertiesOf(error));
  const hint =
    near === undefined ? `it can have ${keys.map((name) => `\`${name}\``).join(', ')}` : `did you mean \`${near}\`?`;
  return [{ path: [...path, key], place: 'key', message: `unknown key \`${key}\` in ${containerName(path)}`, hint }];
}

const namePattern = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
const patternWords: readonly (readonly [pattern: string, hint: string])[] = [
  [namePattern, 'a name is made of letters, digits, dot, dash and underscore, and starts with a letter or digit'],
  [
    '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$',
    'a span of time is a number of seconds, or a number with a unit: `500ms`, `5s`, `2m`',
  ],
  ['^[^\\s/]{1,15}$', 'the name of an interface has at most 15 characters, no space and no slash'],
  ['^(?!-)[^\\s\\p{Cc}\\p{Cf}]*$', 'it begins with no dash, and has no space and no control character'],
  ['^(?![.-])[^\\s/\\p{Cc}\\p{Cf}]*$', 'give the name that `ip netns list` shows'],
  ['^(?!-)[A-Za-z0-9_.-]*$', 'a name in DNS is made of letters, digits, dots and dashes'],
  ['^/\\S*$', 'a path starts with `/` and has no space'],
  ["^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", 'give the name of a header alone, such as `X-Real-Server`'],
  ['^[0-9]+(\\.[0-9]+){3}$', 'for an IPv4 VIP a mask like 255.255.255.0, for an IPv6 VIP a prefix length like 64'],
  ['^[a-z0-9]+(-[a-z0-9]+)*$', 'lower-case letters and digits, with single dashes between them'],
  ['^\\d{4}-\\d{2}-\\d{2}$', 'a day is written as `2027-01-31`'],
];

/** Undefined for a pattern without words; the unit tests hold every pattern of the schema against it. */
export function patternHint(pattern: string): string | undefined {
  return patternWords.find(([known]) => known === pattern)?.[1];
}

function suggestionFor(error: ErrorObject): string | undefined {
  if (error.keyword !== 'additionalProperties') return undefined;
  const key = String((error.params as Readonly<Record<string, unknown>>)['additionalProperty']);
  const given = error.data as object;
  return suggestion(
    key,
    Object.keys(propertiesOf(error)).filter((name) => !Object.hasOwn(given, name)),
  );
}

function propertiesOf(error: ErrorObject): Readonly<Record<string, Schema>> {
  return ((error.parentSchema as Schema | undefined)?.['properties'] ?? {}) as Record<string, Schema>;
}

function describe(error: ErrorObject, key: string): string | undefined {
  const property = propertiesOf(error)[key];
  const description = property === undefined ? undefined : dereferenced(property)['description'];
  return typeof description === 'string' ? `\`${key}\`: ${description}` : undefined;
}

function dereferenced(schema: Schema): Schema {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/definitions/', '') : undefined;
  return name === undefined ? schema : ((root()['definitions'] as Record<string, Schema>)[name] ?? schema);
}

function sameObject(a: Located, b: Located): boolean {
  return a.path.length === b.path.length && within(a.path, b.path);
}

function within(path: Path, container: Path): boolean {
  return container.every((segment, index) => path[index] === segment);
}

function pointer(text: string): Path {
  return text
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `port`, or `the first of real_servers` for an element of a list. */
function subject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the cluster file';
  return /^\d+$/.test(last) ? `entry ${Number(last) + 1} of \`${path.at(-2) ?? ''}\`` : `\`${last}\``;
}

function containerName(path: Path): string {
  return path.length === 0 ? 'the cluster file' : subject(path);
}

function ofType(value: unknown, type: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type === typeof value;
}

function kindOf(schema: Schema): string {
  return 'const' in schema ? `\`${String(schema['const'])}\`` : typeWords(schema['type']);
}

function typeWords(type: unknown): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    integer: 'a whole number',
    object: 'a mapping (`key: value`)',
    array: 'a list',
    boolean: 'true or false',
  };
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.map((name) => words[String(name)] ?? String(name)).join(' or ');
}

function typeHint({ data, params }: ErrorObject): string | undefined {
  const { type } = params as { type?: unknown };
  if (type === 'string' && ['number', 'boolean'].includes(typeof data)) return `quote it: '${String(data)}'`;
  if ((type === 'integer' || type === 'number') && typeof data === 'string' && /^\d+$/.test(data.trim()))
    return `write it without quotes: ${data.trim()}`;
  if (type === 'array') return 'start each entry with `- `';
  return undefined;
}

function addressHint(text: string): string | undefined {
  const port = /^(?:\[(.+)\]|([^:]+)):\d+$/.exec(text);
  const address = port?.[1] ?? port?.[2];
  if (address !== undefined && isIP(address) !== 0)
    return `write the address alone, ${address}; the port has its own key`;
  const [before = ''] = text.split(/[/%]/);
  if (before !== text && isIP(before) !== 0) return `write the address alone: ${before}`;
  if (/^\d+(\.\d+)*$/.test(text)) return 'an IPv4 address is four numbers from 0 to 255, without leading zeros';
  return undefined;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty text' : `\`${cut(value)}\``;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return value === null ? 'nothing' : `\`${JSON.stringify(value)}\``;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

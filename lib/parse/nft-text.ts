/** A rule of `nft -j list ruleset` in nft(8)'s own language, near enough to be found in `nft list ruleset` by eye. */
import { asObjects, isObject, type JsonObject, stringAt } from './json.ts';

export function nftText(rule: JsonObject): string {
  const words = (asObjects(rule['expr']) ?? []).map(statement);
  const comment = stringAt(rule, 'comment');
  return [...words, ...(comment === undefined ? [] : [`comment "${comment}"`])].join(' ');
}

function statement(object: JsonObject): string {
  const [kind = '', body] = Object.entries(object)[0] ?? [];
  if (!isObject(body)) return kind;
  switch (kind) {
    case 'match': {
      const operator = stringAt(body, 'op') ?? '==';
      const sign = operator === '==' || operator === 'in' ? '' : `${operator} `;
      return `${expression(body['left'])} ${sign}${expression(body['right'])}`;
    }
    case 'counter':
      return `counter packets ${scalar(body['packets'])} bytes ${scalar(body['bytes'])}`;
    case 'jump':
    case 'goto':
      return `${kind} ${scalar(body['target'])}`;
    case 'limit':
      return `limit rate ${scalar(body['rate'])}/${scalar(body['per'])}`;
    case 'log':
      return typeof body['prefix'] === 'string' ? `log prefix "${body['prefix']}"` : 'log';
    case 'reject':
      return typeof body['type'] === 'string'
        ? `reject with ${body['type']}${typeof body['expr'] === 'string' ? ` ${body['expr']}` : ''}`
        : 'reject';
    case 'vmap':
      return `${expression(body['key'])} vmap ${expression(body['data'])}`;
    case 'xt':
      return `xt ${scalar(body['type'])} "${scalar(body['name'])}"`;
    default:
      return `${kind} ${JSON.stringify(body)}`;
  }
}

function expression(value: unknown): string {
  if (Array.isArray(value)) return value.map(expression).join(',');
  if (!isObject(value)) return scalar(value);
  const { payload, meta, ct, prefix, range, set, elem } = value;
  const [sign] = ['&', '|', '^'].filter((one) => Array.isArray(value[one]));
  if (sign !== undefined) return (value[sign] as readonly unknown[]).map(operand).join(` ${sign} `);
  if (isObject(payload)) return `${scalar(payload['protocol'])} ${scalar(payload['field'])}`;
  if (isObject(meta)) {
    const key = scalar(meta['key']);
    return /^[io]if(name)?$/.test(key) ? key : `meta ${key}`;
  }
  if (isObject(ct)) return `ct ${scalar(ct['key'])}`;
  if (isObject(prefix)) return `${scalar(prefix['addr'])}/${scalar(prefix['len'])}`;
  if (Array.isArray(range)) return range.map(scalar).join('-');
  if (isObject(elem)) return expression(elem['val']);
  if (Array.isArray(set)) return `{ ${set.map(setElement).join(', ')} }`;
  return JSON.stringify(value);
}

function operand(value: unknown): string {
  return Array.isArray(value) ? `(${value.map(expression).join(' | ')})` : expression(value);
}

function setElement(element: unknown): string {
  if (!Array.isArray(element)) return expression(element);
  const [key, verdict] = element as readonly unknown[];
  return `${expression(key)} : ${isObject(verdict) ? statement(verdict) : expression(verdict)}`;
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

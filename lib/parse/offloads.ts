/** `ethtool -k IF`: `large-receive-offload: off [fixed]`. */
import type { Offloads } from '../model/facts.ts';
import { ParseError } from './parse-error.ts';

const features = {
  largeReceive: 'large-receive-offload',
  genericReceive: 'generic-receive-offload',
  transmitChecksum: 'tx-checksumming',
} as const;

/** Throws ParseError for text without any of them. */
export function parseOffloads(text: string, name: string): Offloads {
  const found = Object.entries(features).flatMap(([key, word]) => {
    const value = new RegExp(`^${word}: (on|off)\\b`, 'm').exec(text)?.[1];
    return value === undefined ? [] : [[key, value === 'on'] as const];
  });
  if (found.length === 0) throw new ParseError('ethtool -k', text);
  return { interface: name, ...Object.fromEntries(found) };
}

/**
 * What a report says in words of ours, in the language it is written in. A report is rendered in one go, without waiting
 * for anything, so the language holds for the time of one call and need not be handed from function to function.
 */
import { en, type Words } from './en/index.ts';
import type { Language } from './names.ts';
import { zhCn } from './zh-cn/index.ts';

const catalogues: Readonly<Record<Language, Words>> = { en, 'zh-CN': zhCn };

let current: Words = en;

/** Of the report that is being written; English outside one. */
export function words(): Words {
  return current;
}

/** `write` must not wait for anything. */
export function inLanguage<T>(language: Language, write: () => T): T {
  const before = current;
  current = catalogues[language];
  try {
    return write();
  } finally {
    current = before;
  }
}

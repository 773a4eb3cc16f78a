/** What a report says in words of ours. */
import { en, type Words } from './en/index.ts';

/** In the language of the report that is being written. */
export function words(): Words {
  return en;
}

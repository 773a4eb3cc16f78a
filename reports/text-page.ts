/** A page of a terminal, line by line. */
import pc from 'picocolors';
import type { Language } from './language/names.ts';
import { brief } from './visible.ts';
import { columnsOf, wrapped } from './wrapping.ts';

export interface TextOptions {
  readonly color: boolean;
  /** Columns to wrap sentences at; commands are never wrapped. Default 100. */
  readonly width?: number;
  readonly language?: Language;
}

type Colors = ReturnType<typeof pc.createColors>;

/** Lines being written; sentences are wrapped and indented, commands are not. */
export class Page {
  readonly paint: Colors;
  readonly #width: number;
  readonly #lines: string[] = [];

  constructor({ color, width = 100 }: TextOptions) {
    this.#width = Math.max(40, width);
    this.paint = pc.createColors(color);
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** An empty line, unless there is one already. */
  gap(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  /** `label` and a sentence; later lines are indented to where the sentence began. */
  sentence(label: string, text: string, paint: (text: string) => string = (plain) => plain): void {
    const indent = ' '.repeat(columnsOf(label));
    const room = Math.max(20, this.#width - columnsOf(label));
    for (const [index, part] of wrapped(brief(text), room).entries()) {
      this.#lines.push(`${index === 0 ? label : indent}${paint(part)}`);
    }
  }

  /** A name and a sentence about it: on one line where both are short, else the sentence below, indented. */
  entry(indent: string, name: string, text: string): void {
    const label = `${indent}${brief(name, 200)}`;
    if (columnsOf(label) + columnsOf(text) + 2 <= this.#width) {
      this.line(`${label}  ${brief(text)}`);
    } else {
      this.line(label);
      this.sentence(`${' '.repeat(indent.length)}    `, text);
    }
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

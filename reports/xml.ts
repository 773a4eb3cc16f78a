/** XML 1.0 text: what a terminal would obey is spelled out, what the standard does not allow replaced, what it reserves escaped. */
import { visible } from './visible.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters outside `Char` of XML 1.0 (production 2) that are not spelled out already become U+FFFD. */
function legal(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');
}

/** What most text is: nothing to spell out, to replace or to escape. */
const plain = /^[\t\n\x20\x21\x23-\x25\x28-\x3B\x3D\x3F-\x7E]*$/;

export function xmlText(text: string): string {
  if (plain.test(text)) return text;
  return legal(visible(text)).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Newlines and tabs would otherwise be normalised to spaces. */
function attributeText(text: string): string {
  return xmlText(text).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;');
}

/** An element; `children` are elements or escaped text already. Attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children: readonly string[] = [],
): string {
  const pairs = Object.entries(attributes)
    .filter((pair): pair is [string, string | number] => pair[1] !== undefined)
    .map(([key, value]) => ` ${key}="${attributeText(String(value))}"`);
  const open = `<${name}${pairs.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

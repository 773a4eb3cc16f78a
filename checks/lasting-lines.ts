/**
 * POSIX sh lines that change what a boot reads, each with the one that takes it back. A line can be run again without
 * doing more. What stood in a file before is there again afterwards to the byte, whatever else was changed meanwhile; a file
 * that has nothing left is removed.
 */
import { literal, replacement } from './remedies.ts';
import { quotedWord, shellWord } from '../lib/model/shell-word.ts';

/** One half of a remedy: a boot finds what the commands left. */
export interface Lines {
  readonly commands: readonly string[];
  readonly undo: readonly string[];
}

/** What a boot does already needs no line. */
export const none: Lines = { commands: [], undo: [] };

/**
 * Lines at the end of a file of others, between two comments that say what they are for. `what` has the value that is set:
 * another one later is another block, which counts as it comes after.
 */
export function block(file: string, what: string, lines: readonly string[]): Lines {
  const name = shellWord(file);
  const [begin, end] = [`# ipvet: ${what}`, `# ipvet: end of ${what}`];
  // Just what was added, the newline before it too: with -z all of the file is one line.
  const added = String.raw`\n${literal(begin)}\n.*${literal(end)}\n`;
  return {
    commands: [
      `grep -qsxF ${quotedWord(begin)} ${name} || printf '%s\\n' '' ${[begin, ...lines, end].map(quotedWord).join(' ')} >> ${name}`,
    ],
    undo: [
      `f=${name}; if [ -e "$f" ]; then sed -i -z ${quotedWord(`s/${added}//`)} "$f"; [ -s "$f" ] || rm -f "$f"; fi`,
    ],
  };
}

/** A file of our own in a folder of others; `folder` goes with it when nothing else is in there. */
export function ownFile(
  file: string,
  lines: readonly string[],
  { mode, folder = false }: { readonly mode?: string; readonly folder?: boolean } = {},
): Lines {
  const name = shellWord(file);
  const directory = shellWord(file.slice(0, file.lastIndexOf('/')));
  const steps = [
    ...(folder ? [`mkdir -p ${directory}`] : []),
    `printf '%s\\n' ${lines.map(quotedWord).join(' ')} > ${name}`,
    ...(mode === undefined ? [] : [`chmod ${mode} ${name}`]),
  ];
  return {
    commands: [steps.join(' && ')],
    undo: [`rm -f ${name}${folder ? `; rmdir ${directory} 2>/dev/null || :` : ''}`],
  };
}

/**
 * A line of somebody else's file becomes a comment; with `part`, itself with that part changed stands after it. `line`
 * is a basic regular expression, with `/` escaped, for all of the line but blanks around it. Fails where there is none.
 */
export function edit(
  file: string,
  what: string,
  { line, part, becomes }: { readonly line: string; readonly part?: string; readonly becomes?: string },
): Lines {
  const name = shellWord(file);
  const mark = `# ipvet: ${what}, was: `;
  const anchored = `^[[:space:]]*${line}[[:space:]]*$`;
  const change =
    part === undefined || becomes === undefined
      ? `s/^/${replacement(mark)}/`
      : `{h;s/${literal(part)}/${replacement(becomes)}/;x;s/^/${replacement(mark)}/;G}`;
  const back =
    part === undefined ? `s/^${literal(mark)}//` : `/^${literal(mark)}/{N;s/^${literal(mark)}\\(.*\\)\\n.*$/\\1/}`;
  const marked = `f=${name}; grep -qsF ${quotedWord(mark)} "$f"`;
  return {
    commands: [
      `${marked} || { grep -q ${quotedWord(anchored.replaceAll(String.raw`\/`, '/'))} "$f" && sed -i ${quotedWord(`/${anchored}/${change}`)} "$f"; }`,
    ],
    undo: [`${marked} && sed -i ${quotedWord(back)} "$f" || :`],
  };
}

/**
 * A property of one value of the profile by which NetworkManager has the device. What it was is kept beside the profiles,
 * and not among them.
 */
export function profileProperty(device: string, property: string, value: string): Lines {
  const kept = shellWord(`/etc/NetworkManager/ipvet-${device}-${property}`);
  const profile = profileOf(device);
  return {
    commands: [
      `${profile} && { [ -e ${kept} ] || nmcli -e no -g ${property} connection show "$p" > ${kept}; } && ` +
        `nmcli connection modify "$p" ${property} ${shellWord(value)}`,
    ],
    undo: [
      `if [ -e ${kept} ]; then ${profile} && nmcli connection modify "$p" ${property} "$(cat ${kept})" && rm -f ${kept}; fi`,
    ],
  };
}

/** An item of a list of the profile, which may be there before: it is taken out first, so that it is there once. */
export function profileItem(device: string, property: string, item: string): Lines {
  const profile = profileOf(device);
  const without = `nmcli connection modify "$p" -${property} ${quotedWord(item)}`;
  return {
    commands: [
      `${profile} && { ${without} 2>/dev/null || :; } && nmcli connection modify "$p" +${property} ${quotedWord(item)}`,
    ],
    undo: [`${profile} && ${without}`],
  };
}

/** Another item of a list of the profile, or none, in place of one that is there. */
export function profileSwap(device: string, property: string, out: string, into?: string): Lines {
  const added = (item: string): string => ` && nmcli connection modify "$p" +${property} ${quotedWord(item)}`;
  const removed = (item: string): string =>
    ` && { ! nmcli -e no -g ${property} connection show "$p" | grep -qwF ${quotedWord(item)} || nmcli connection modify "$p" -${property} ${quotedWord(item)}; }`;
  const profile = profileOf(device);
  return {
    // A profile that is to have addresses cannot be without one in between.
    commands: [`${profile}${into === undefined ? '' : added(into)}${removed(out)}`],
    undo: [`${profile}${added(out)}${into === undefined ? '' : removed(into)}`],
  };
}

function profileOf(device: string): string {
  return `p=$(nmcli -e no -g GENERAL.CONNECTION device show ${shellWord(device)}) && [ -n "$p" ]`;
}

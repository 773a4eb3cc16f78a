/** Root commands in the words of sudoers(5). */
import { IpvetError } from '../errors.ts';
import type { HostRole } from '../model/cluster.ts';
import { type Tier, tiers } from '../model/tier.ts';
import type { RootCommand } from './root-command.ts';

/** Where distributions have their programs; sudo takes the one it finds along secure_path. */
const folders = {
  system: ['/usr/sbin', '/sbin'],
  everyone: ['/usr/bin', '/bin'],
} as const;

const forEveryone = new Set(['cat', 'tee', 'systemctl', 'systemd-run', 'sh', 'journalctl']);

/** Distributions do not agree on these. */
const inEither = new Set(['arping', 'ndisc6', 'ip']);

/** One command for each path the program may have. */
export function sudoersCommands({ argv: [program = '', ...args] }: RootCommand): readonly string[] {
  const paths = inEither.has(program)
    ? [...folders.system, ...folders.everyone]
    : forEveryone.has(program)
      ? folders.everyone
      : folders.system;
  // Without arguments a rule would allow any.
  const words = args.length === 0 ? ['""'] : args.map(sudoersWord);
  return paths.map((folder) => [`${folder}/${program}`, ...words].join(' '));
}

/**
 * Read twice: by the grammar, in which `:`, `,`, `=`, `#` and blanks mean something, and by fnmatch(3), in which wildcards
 * and the backslash do.
 */
function sudoersWord(word: string): string {
  return word.replaceAll(/[\\*?[\]!:,=#\s]/g, (letter) => (letter === '\\' ? '\\\\\\\\' : `\\${letter}`));
}

/** Throws USAGE for a name that no account has: it goes into a file of which a mistake ends sudo for everybody. */
export function sudoersUser(user: string): string {
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.@\\$-]*$/u.test(user))
    throw new IpvetError('USAGE', `${JSON.stringify(user)} is not the name of a login user`, {
      hint: 'letters, digits, _ . @ \\ $ -; --user names another one',
    });
  return user.replaceAll(/[\\@]/g, '\\$&');
}

/** The line that allows `user` these commands as root, without a password, on every host that has the file. */
export function sudoersRule(user: string, commands: readonly string[]): string {
  return `${sudoersUser(user)} ALL=(root) NOPASSWD: ${commands.join(', ')}`;
}

/** What goes into /etc/sudoers.d of every host of a role. */
export interface SudoersFile {
  /** Without a dot: sudo does not read names with one (sudoers(5), includedir). */
  readonly name: string;
  readonly role: HostRole;
  readonly user: string;
  readonly hosts: readonly string[];
  /** None for root, who needs no rules, and where ipvet needs no root. */
  readonly commands: readonly RootCommand[];
  readonly text: string;
}

export interface SudoersQuestion {
  readonly role: HostRole;
  readonly user: string;
  /** Names of the hosts it is for. */
  readonly hosts: readonly string[];
  readonly tier: Tier;
  /** Of the role, up to the tier. */
  readonly commands: readonly RootCommand[];
}

const roleWords = { director: 'a director', 'real-server': 'a real server', client: 'a client' } as const;

const tierWords = {
  read: 'look, and change nothing',
  traffic: 'look while load is sent',
  change: 'change, and put back',
  disrupt: 'disturb on purpose',
} as const;

/** Throws USAGE for an impossible user. */
export function sudoersFile({ role, user, hosts, tier, commands }: SudoersQuestion): SudoersFile {
  const owner = user.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const name = `ipvet-${owner}-${role}`;
  const wanted = user === 'root' ? [] : commands;
  const head = [
    `# What ipvet runs as root on ${roleWords[role]} (${hosts.join(', ')}) as ${user}, up to the tier ${tier}.`,
    ...(wanted.length === 0
      ? [`# Nothing: ${user === 'root' ? 'who is root needs no rules' : 'no rules are needed there'}.`]
      : [
          ...(wanted.some(({ argv: [program] }) => program === 'sh')
            ? [
                '# Every rule is word for word what is run, without wildcards. With the two that run a file in a shell, which',
                '# `ipvet fix` asks for, whoever logs in as this user is root. Install this text, as root on the host, from a file called',
              ]
            : [
                '# Every rule is word for word what is run: no wildcard, and no shell as root. What differs from run to run goes in',
                '# on standard input. Install this text, as root on the host, from a file called',
              ]),
          `# ${name}:`,
          `#   visudo -cf ${name} && install -o root -g root -m 0440 ${name} /etc/sudoers.d/`,
          `# Only where sudo then says "you must have a tty": Defaults:${sudoersUser(user)} !requiretty`,
        ]),
  ];
  const shared = wanted.filter(({ only }) => only === undefined);
  const blocks = tiers
    .map((each) => ({ each, own: shared.filter((command) => command.tier === each) }))
    .filter(({ own }) => own.length > 0)
    .map(({ each, own }) => {
      const alias = `IPVET_${owner}_${role}_${each}`.toUpperCase().replaceAll('-', '_');
      return [
        '',
        `# ${each}: ${tierWords[each]}`,
        ...own.flatMap(explained),
        `Cmnd_Alias ${alias} = \\`,
        own.map((command) => `    ${joined(sudoersCommands(command))}`).join(', \\\n'),
        sudoersRule(user, [alias]),
      ].join('\n');
    });
  return {
    name,
    role,
    user,
    hosts,
    commands: wanted,
    text: `${[...head, ...blocks, ...ownBlock(user, wanted)].join('\n')}\n`,
  };
}

/**
 * One file serves all hosts of a role: sudo holds a rule that names an address to be for the host that has the address
 * (sudoers(5), Host_List), and neither takes nor lists the others.
 */
function ownBlock(user: string, commands: readonly RootCommand[]): readonly string[] {
  const own = commands.filter(({ only }) => only !== undefined);
  const [example] = own;
  if (example === undefined) return [];
  const addresses = [...new Set(own.map(({ only = '' }) => only))];
  return [
    '',
    `# ${example.tier}: each rule holds on the host that has the address it begins with.`,
    `#   ${example.argv.join(' ')}`,
    `#       ${example.why}`,
    ...(example.optional === undefined ? [] : [`#       may be left out: ${example.optional}`]),
    ...addresses.map((address) => {
      const words = own.filter(({ only }) => only === address).flatMap(sudoersCommands);
      return `${sudoersUser(user)} ${address} = (root) NOPASSWD: ${words.join(', \\\n    ')}`;
    }),
  ];
}

function joined(commands: readonly string[]): string {
  const line = commands.join(', ');
  return line.length < 110 ? line : commands.join(', \\\n    ');
}

function explained({ argv, why, optional, caution }: RootCommand): readonly string[] {
  return [
    `#   ${argv.join(' ')}`,
    `#       ${why}`,
    ...(optional === undefined ? [] : [`#       may be left out: ${optional}`]),
    ...(caution === undefined ? [] : [`#       CAUTION: ${caution}`]),
  ];
}

/** What is read as root of directors that stand in for each other, whoever looks after their rules. */
import type { Cluster, ClusterHost } from '../model/cluster.ts';
import { keepalivedConfig } from './commands.ts';
import type { RootCommand } from './root-command.ts';

export const keepalivedTest: RootCommand = {
  argv: ['keepalived', '--config-test'],
  tier: 'read',
  roles: ['director'],
  why: 'has keepalived read its own configuration and say what is wrong with it',
  optional: 'then whether keepalived takes its configuration is told as not known',
};

/** The latest lines since boot: bounded, so that a director which logs every advert costs no more than another. */
export const keepalivedLog: RootCommand = {
  argv: [
    ...['journalctl', '--boot', '--unit=keepalived', '--lines=2000'],
    ...['--output=short-unix', '--no-pager', '--quiet'],
  ],
  tier: 'read',
  roles: ['director'],
  why: 'reads what keepalived said of its states, and of adverts it does not take',
  optional: 'then what it said is told as not known',
};

export const ipvsadmDaemons: RootCommand = {
  argv: ['ipvsadm', '-Ln', '--daemon'],
  tier: 'read',
  roles: ['director'],
  why: 'reads which daemons of the connection sync run',
  optional: 'then the connection sync is told as not known',
};

/** None where one director is all there is. */
export function pairCommands(
  { directors, rules }: Pick<Cluster, 'directors' | 'rules'>,
  { role }: ClusterHost,
): readonly RootCommand[] {
  if (role !== 'director' || directors.length < 2) return [];
  const conf = rules.managedBy === 'keepalived' ? [] : [keepalivedConfig];
  return [...conf, keepalivedTest, keepalivedLog, ipvsadmDaemons];
}

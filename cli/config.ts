/** `ipvet config`: the cluster file, offline. */
import { Command } from 'commander';
import { stringify } from 'yaml';
import { loadCluster } from '../lib/config/load.ts';
import { schemaText } from '../lib/config/schema.ts';
import { checks } from '../suites/catalogue.ts';
import { globalOptions } from './options.ts';
import { visible } from '../lib/model/visible-text.ts';

const checkIds = () => Promise.resolve(checks.map(({ id }) => id));

/** Subcommands validate, show and schema. They throw ConfigError, which prints itself; cli/main.ts decides the exit code. */
export function configCommand(): Command {
  const command = new Command('config').description('the cluster file: is it valid, what does it come to');
  command
    .command('validate')
    .description('check the cluster file; says every error with its line; touches no host')
    .action(async (_flags: unknown, self: Command) => {
      const { inventory: file, json } = globalOptions(self);
      const cluster = await loadCluster(file, { checkIds });
      const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
      const counts = {
        directors: cluster.directors.length,
        realServers: cluster.realServers.length,
        clients: cluster.clients.length,
        virtualServices: cluster.virtualServices.length,
      };
      const words = [
        count(counts.directors, 'director', 'directors'),
        count(counts.realServers, 'real server', 'real servers'),
        count(counts.clients, 'client', 'clients'),
        count(counts.virtualServices, 'virtual service', 'virtual services'),
      ];
      process.stdout.write(
        json
          ? `${JSON.stringify({ file, valid: true, name: cluster.name, ...counts })}\n`
          : `${file}: OK: ${cluster.name} (${cluster.environment}), ${words.join(', ')}\n`,
      );
    });
  command
    .command('show')
    .description('print the cluster with every default filled in (YAML; JSON with --json)')
    .action(async (_flags: unknown, self: Command) => {
      const { inventory, json } = globalOptions(self);
      const cluster = await loadCluster(inventory, { checkIds });
      // Destinations repeat their real server; its name is enough for a reader, and hosts are listed once.
      const shown = {
        ...cluster,
        // What was read is the file itself, and where in it.
        declared: undefined,
        lines: undefined,
        virtualServices: cluster.virtualServices.map((service) => ({
          ...service,
          destinations: service.destinations.map(({ realServer, ...destination }) => ({
            realServer: realServer.name,
            address: realServer.rip,
            ...destination,
          })),
        })),
      };
      process.stdout.write(
        json ? `${JSON.stringify(shown, undefined, 2)}\n` : visible(stringify(shown, { aliasDuplicateObjects: false })),
      );
    });
  command
    .command('schema')
    .description('print the JSON Schema of the cluster file')
    .action(() => {
      process.stdout.write(schemaText());
    });
  return command;
}

import { Command } from 'commander';

import { addGlobalOptions } from '../../../cli/options.ts';

/** What `command` prints on standard output when it is run with `argv`, global options included. */
export async function printed(command: Command, argv: readonly string[]): Promise<string> {
  const program = addGlobalOptions(new Command()).exitOverride().addCommand(command);
  const write = process.stdout.write.bind(process.stdout);
  const pieces: string[] = [];
  process.stdout.write = (text) => pieces.push(String(text)) > 0;
  try {
    await program.parseAsync(argv, { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return pieces.join('');
}

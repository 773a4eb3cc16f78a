import { Command } from 'commander';

import { downLab, upLab } from '../lab/lab.ts';
import { againAsRoot } from '../lab/privilege.ts';
import { loadCluster } from '../lib/config/load.ts';
import { accept } from './accept.ts';
import { globalOptions } from './options.ts';

const labName = 'demo';

export function demoCommand(): Command {
  return new Command('demo')
    .description('boot a lab cluster, run the whole acceptance on it, write the report, take it down')
    .option('--keep', 'leave the lab up; take it down with: ipvet lab down --name demo', false)
    .action(async ({ keep }: { keep: boolean }, command: Command) => {
      const options = globalOptions(command);
      const say = (text: string) => {
        if (!options.quiet) process.stderr.write(`${text}\n`);
      };
      const code = await againAsRoot(say);
      if (code !== undefined) {
        process.exitCode = code;
        return;
      }
      const abort = new AbortController();
      const stop = () => {
        abort.abort();
      };
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
      let leave = keep;
      try {
        const { clusterFile, alreadyUp } = await upLab({
          name: labName,
          topology: 'nat',
          onProgress: say,
          signal: abort.signal,
        });
        // A demo lab that was up before is somebody's, kept on purpose.
        leave ||= alreadyUp;
        // From here on the run hears the signals itself.
        process.off('SIGINT', stop);
        process.off('SIGTERM', stop);
        await accept(await loadCluster(clusterFile), options, 'demo');
      } finally {
        if (!leave) await downLab({ name: labName, onProgress: say });
      }
    });
}

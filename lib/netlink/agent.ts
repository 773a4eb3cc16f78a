/** Answers the questions on its input for the namespace it runs in. Started by local-network.ts. */
import { text } from 'node:stream/consumers';

import { ask, type NetworkQuestions } from './local-network.ts';

const questions = JSON.parse(await text(process.stdin)) as NetworkQuestions;
process.stdout.write(`${JSON.stringify(await ask(questions))}\n`);

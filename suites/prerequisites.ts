/** What must hold before rules are installed. Read-only. */
import { checks } from '../checks/index.ts';
import { describeChecks } from './judged.ts';

describeChecks(
  'prerequisites',
  checks.filter(({ stage }) => stage === 'pre'),
);

/** Load through every VIP while its director is sampled. */
import { checks } from '../checks/index.ts';
import { describeChecks } from './judged.ts';

describeChecks(
  'traffic',
  checks.filter(({ stage }) => stage === 'traffic'),
);

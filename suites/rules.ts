/** The rules, installed for the run where that is allowed, as the kernel gives them back. */
import { checks } from '../checks/index.ts';
import { describeChecks } from './judged.ts';

describeChecks(
  'rules',
  checks.filter(({ stage }) => stage === 'post'),
);

/** Load through every VIP while its director is sampled. */
import { describeChecks } from './judged.ts';

describeChecks('traffic', 'traffic');

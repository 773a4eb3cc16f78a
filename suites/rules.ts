/** The rules, installed for the run where that is allowed, as the kernel gives them back. */
import { describeChecks } from './judged.ts';

describeChecks('rules', 'post');

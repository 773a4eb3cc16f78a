import { describeChecks } from './check-cases/suite.ts';

describeChecks('dr');

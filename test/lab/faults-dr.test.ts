import { namesFaultsOf } from './fault-matrix/suite.ts';

namesFaultsOf('dr');

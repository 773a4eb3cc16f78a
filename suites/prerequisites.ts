/** What must hold before rules are installed. Read-only. */
import { describeChecks } from './judged.ts';

describeChecks('prerequisites', 'pre');

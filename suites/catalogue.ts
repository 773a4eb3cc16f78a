/** The checks as the CLI shows them, which may not reach into checks/ itself. */
export { documentOf } from '../checks/documentation.ts';
export { checkById, checks } from '../checks/index.ts';

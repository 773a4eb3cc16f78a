/**
 * Words that mean something in a journal or a record, each a value of its own there: outcomes, kinds, roles. Redaction
 * leaves a text alone that is nothing but one of them, so that a passphrase which happens to be `director` does not make
 * the record unreadable.
 */
const words = `
  autocannon bad-status certain client client-answers connect-timeout connection director director-counters dr
  error fail failures inconclusive internal-error interrupted ipvet-run/1 lab likely mandatory nat no-resource
  not-applicable not-run other pass possible post pre preprod production real-server recommended refused reset
  response-timeout sctp short-read signal storage tcp time-limit traffic tun udp unreachable waived warn
  after before fingerprint guard-released guard-undid guarded unguarded
  minimal no-failure no-subject planned profile skip standard strict
  SIGHUP SIGINT SIGTERM accept check distribution diagnose load demo mocha analyze
  asked answers command-answer observed left-out analysis
`;

export const ownWords: ReadonlySet<string> = new Set(words.trim().split(/\s+/));

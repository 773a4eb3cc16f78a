/** What a run may do to a cluster, in rising order: look, send load, change and put back, disturb on purpose. */
export const tiers = ['read', 'traffic', 'change', 'disrupt'] as const;

/** `read` is always allowed; every other tier needs consent (see docs/safety.md). */
export type Tier = (typeof tiers)[number];

/** What `mutants.ts` has: apart, so that the names can be told without loading the node. */
export const RUNTIME_MUTANTS = [
  'send-before-sync',
  'skip-the-sync',
  'reads-without-a-quorum',
  'apply-over-a-gap',
  'forget-sessions',
  'discard-at-once',
  'forget-changes',
] as const;

export type RuntimeMutantName = (typeof RUNTIME_MUTANTS)[number];

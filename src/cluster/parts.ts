/**
 * cluster/ knows Kubernetes: what its objects say and how they are changed, as data. It runs no kubectl;
 * src/adapters/commands/ does.
 */

/** The groups of objects that make up the system under test and what is around it. */
export const PARTS = [
  'ingress-controller',
  'baseline-ingress-controller',
  'prometheus',
  'metrics-server',
  'k6-operator',
  'application',
] as const;
export type Part = (typeof PARTS)[number];

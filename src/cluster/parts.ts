/**
 * cluster/ knows Kubernetes as data: what objects mean and how they are changed. It does not run kubectl;
 * src/adapters/commands/ does.
 */

/** The groups of objects that make up the system under test and its surroundings. */
export const PARTS = [
  'ingress-controller',
  'baseline-ingress-controller',
  'prometheus',
  'metrics-server',
  'k6-operator',
  'application',
] as const;
export type Part = (typeof PARTS)[number];

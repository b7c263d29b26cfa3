import { recordOf, recordsIn } from './manifests.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whether labels are those that a selector of Kubernetes (`matchLabels`, `matchExpressions`) wants; one without
 * requirements takes all.
 */
export function fitsSelector(selector: Fields, labels: Fields): boolean {
  const isEqual = Object.entries(recordOf(selector['matchLabels'])).every(([key, value]) => labels[key] === value);
  return (
    isEqual &&
    recordsIn(selector['matchExpressions']).every(({ key, operator, values }) => {
      const value = labels[String(key)];
      const isIn = value !== undefined && Array.isArray(values) && values.includes(value);
      switch (operator) {
        case 'In':
          return isIn;
        case 'NotIn':
          return !isIn;
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}

/** Where the repository of this tool is. */
const REPOSITORY = 'k8s-loadtest-ci/k8s-loadtest-ci';

/** A page of the documentation, such as `docs/troubleshooting.md`. */
export const pageAddress = (page: string): string => `https://github.com/${REPOSITORY}/blob/main/${page}`;

/** A JSON Schema of the folder schemas/, where editors and programs can read it. */
export const schemaAddress = (name: 'report' | 'scenario' | 'load-test'): string =>
  `https://raw.githubusercontent.com/${REPOSITORY}/main/schemas/${name}.schema.json`;

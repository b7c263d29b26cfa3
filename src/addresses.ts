/** Where the repository of this tool is. */
const REPOSITORY = 'k8s-loadtest-ci/k8s-loadtest-ci';

/** A page of the documentation, such as `docs/troubleshooting.md`. */
export const pageAddress = (page: string): string => `https://github.com/${REPOSITORY}/blob/main/${page}`;

/** A command that works wherever Node.js and git are, without an installation. */
export const commandLine = (...args: readonly string[]): string =>
  [`npx --yes github:${REPOSITORY}#v1`, ...args].join(' ');

/** A command that opens a new issue in the browser, with GitHub's own command line. */
export const NEW_ISSUE = `gh issue create --repo ${REPOSITORY} --web`;

/** A JSON Schema of the folder schemas/, where editors and programs can read it. */
export const schemaAddress = (name: 'report' | 'scenario' | 'load-test'): string =>
  `https://raw.githubusercontent.com/${REPOSITORY}/main/schemas/${name}.schema.json`;

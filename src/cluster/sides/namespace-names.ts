/**
 * Names that say that their value is a namespace of Kubernetes: `POD_NAMESPACE`, `--watch-namespace`, `-n`, `targetNs`.
 */
const NAMESPACE_NAME = /(?:^|[_.-])(?:ns|NS|namespaces?|NAMESPACES?)$|[a-z](?:Namespaces?|Ns)$|^-n$/;

/** Programs that call something of their own a namespace. */
const OTHER_PROGRAM =
  /cache|cadence|cloudwatch|consul|metric|nacos|nomad|otel|prom(?:etheus)?[_.-]|redis|statsd|temporal|vault/i;

/**
 * The same where the value is `default`, which is a usual name for namespaces of other programs, too, as in
 * `TEMPORAL_NAMESPACE`.
 */
const SURE_NAME =
  /^-*(?:(?:pod|k8s|kube|kubernetes|my|watch|target|system|app|application|operator|release|deploy|deployment|install|current|leader-?election|leader-?elect|leader-?elect-resource|election)[_.-]?)?(?:ns|namespaces?)$|^-n$/i;

const DEFAULT_NAMESPACE = 'default';

/** Whether the value of this name, which is that of a namespace, means it. */
const namesNamespace = (name: string, namespace: string): boolean =>
  (namespace === DEFAULT_NAMESPACE ? SURE_NAME : NAMESPACE_NAME).test(name) && !OTHER_PROGRAM.test(name);

/** Names whose values are often called like the application, and so like its namespace. */
const OTHER_NAME =
  /(?:name|user|db|database|schema|password|app|application|service|host|hostname|server|bucket|topic|prefix|role|realm|title|label|image|path|tag|env|environment|stage|profile|profiles|cluster|index|queue|tenant|component|type|kind|module|target|id|key|group|mode|owner|org|organization|url|base|root|dir|folder|context|release|version|product|brand|theme|driver|engine|backend)$/i;

/**
 * Whether a name says that its value is something else, so that nobody need look at one that is called like a
 * namespace.
 */
export const namesOther = (name: string): boolean => OTHER_NAME.test(name);

/** A tool of Kubernetes that is given its namespace, within one command of a script. */
const TOOL =
  /(\b(?:argo|argocd|flux|helm|istioctl|kn|kubectl|kustomize|linkerd|oc|tkn)\b[^;&|\n]*?\s(?:-n|--namespace)[ =]["']?)([a-z0-9-]+)(?![\w.-])/g;

/** A flag or variable and its value in one word: `--namespace=shop`, `NAMESPACE=shop`. */
const ASSIGNMENT = /^(-{0,2}[A-Za-z_][\w.-]*)=(\S*)$/;
const FLAG = /^--?[A-Za-z][\w.-]*$/;

/**
 * One word of a command with the namespaces that it gives by their new names.
 *
 * @param before the word before it; undefined for the first.
 * @param own gives the new name of a namespace of the version, and any other as it is.
 */
export function followedWord(word: string, before: string | undefined, own: (namespace: string) => string): string {
  const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
  if (name !== undefined) return `${name}=${followedValue(name, value, own)}`;
  if (before !== undefined && FLAG.test(before)) {
    const followed = followedValue(before, word, own);
    if (followed !== word) return followed;
  }
  return word.replaceAll(TOOL, (_, command: string, namespace: string) => `${command}${own(namespace)}`);
}

/**
 * The value of a variable or flag with the namespaces in it by their new names, when its name says that it holds some.
 */
export const followedValue = (name: string, value: string, own: (namespace: string) => string): string =>
  value
    .split(',')
    .map((each) => (namesNamespace(name, each.trim()) ? each.replace(each.trim(), own(each.trim())) : each))
    .join(',');

/** A field `namespace` in a file of settings, in YAML, JSON, TOML or as a property. */
const FIELD = /((?:^|[\s{,"'])namespace["']?[ \t]*[:=][ \t]*["']?)([a-z0-9-]+)(?=["']?(?:\s|[,}\]]|$))/g;

/** A file of settings with the namespaces in it by their new names; `default` may be anything. */
export const followedFile = (text: string, own: (namespace: string) => string): string =>
  text.replaceAll(FIELD, (found: string, field: string, namespace: string) =>
    namespace === DEFAULT_NAMESPACE ? found : `${field}${own(namespace)}`,
  );

/** The outcomes that the output of Docker, containerd, kind or a kubelet can reveal. */
export type PrintedCause =
  'disk-full' | 'docker-unreachable' | 'registry-rate-limit' | 'port-in-use' | 'network-pool' | 'image-pull';

/**
 * The first sign that holds is the cause. One error often wraps another ("failed to pull image …: no
 * space left on device"), so that what stopped it stands before what was being done.
 */
const SIGNS: readonly (readonly [RegExp, PrintedCause])[] = [
  // Not the same words of inotify or a cgroup, where "space" is a limit of the kernel.
  [
    /^(?!.*(?:inotify|fsnotify|\/sys\/fs\/cgroup|cpuset)).*(?:no space left on device|disk quota exceeded)/im,
    'disk-full',
  ],
  [/had untolerated taint \{node\.kubernetes\.io\/disk-pressure|low on resource: ephemeral-storage/i, 'disk-full'],
  [/cannot connect to the docker daemon|error during connect:|docker daemon is not running/i, 'docker-unreachable'],
  // Never the bare number: a digest may contain it.
  [/toomanyrequests|429 Too Many Requests|pull rate limit/i, 'registry-rate-limit'],
  [/port is already allocated|address already in use/i, 'port-in-use'],
  [/non-overlapping .*address pool|all predefined address pools/i, 'network-pool'],
  [/failed to pull (?:image|and unpack)|manifest unknown|no matching manifest/i, 'image-pull'],
];

/** What the output of a tool reveals about the cause of its failure; null when it is not recognised. */
export const printedCause = (said: string): PrintedCause | null => SIGNS.find(([sign]) => sign.test(said))?.[1] ?? null;

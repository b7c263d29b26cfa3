import { inotifyLimits } from '../../adapters/machine.ts';
import { warn, type Context } from '../../context.ts';

/** The values that kind's documentation recommends for more than a few nodes. */
const INOTIFY = { watches: 524_288, instances: 512 };

/** Several nodes share the limits of one machine; low limits only show later, as failing pods. */
export function warnAboutInotify(context: Context): void {
  const limits = inotifyLimits();
  if (limits === null || context.inputs.nodes < 2) return;
  if (limits.watches >= INOTIFY.watches && limits.instances >= INOTIFY.instances) return;
  warn(
    context,
    `The inotify limits are low (${String(limits.watches)} watches, ${String(limits.instances)} instances): with several nodes, pods may end with "too many open files". ` +
      `Raise them with: sudo sysctl fs.inotify.max_user_watches=${String(INOTIFY.watches)} fs.inotify.max_user_instances=${String(INOTIFY.instances)}`,
  );
}

import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import type { ProfiledWorkload } from '../../model/profiles.ts';
import type { Report } from '../../model/report.ts';
import { NOT_MEASURED, signed } from '../../text/numbers.ts';
import { profileValue, shortFunction } from '../words/profile-text.ts';
import {
  type Block,
  type Cell,
  figureColumn,
  notes,
  paragraph,
  type Section,
  type Span,
  textColumn,
} from './section.ts';

/** What a confirmed regression spends its time on: the functions that changed most, and the stacks of both versions. */
export function profiles({ profiles: profiled = [], comparison }: Report): Section | null {
  if (profiled.length === 0 || comparison === undefined) return null;
  const names = sideNames(comparison);
  return {
    id: 'profiles',
    title: 'Where the CPU time goes',
    blocks: [
      ...profiled.flatMap((workload) => blocksOf(workload, sideHeadings(comparison))),
      ...notes([
        `CPU profiles of one pod each, taken in a window of load of its own after the comparison, for 1,000 answered requests of ${names.base} and ${names.head}. They show where the time goes; the verdict does not rest on them.`,
      ]),
    ],
  };
}

function blocksOf(profiled: ProfiledWorkload, sides: { readonly base: string; readonly head: string }): Block[] {
  const { workload, unit, total, functions, flame } = profiled;
  const figure = (value: number): string => profileValue(value, unit);
  const graph = (shows: 'base' | 'head' | 'difference', title: string): Block => ({
    kind: 'flame',
    title: `${workload}: ${title}`,
    flame,
    unit,
    shows,
  });
  return [
    paragraph([
      { code: workload },
      `: ${figure(total.base)} in base, ${figure(total.head)} in head. `,
      ...causeOf(profiled),
    ]),
    ...fewSamples(profiled),
    {
      kind: 'table',
      caption: `Functions of ${workload} that changed most`,
      columns: [
        textColumn('Function'),
        ...[`${sides.base}, own time`, `${sides.head}, own time`, 'Change', 'Change with what it calls'].map(
          figureColumn,
        ),
      ],
      rows: functions.map(({ name, self, whole }): Cell[] => [
        { code: shortFunction(name) },
        figure(self.base),
        figure(self.head),
        { strong: difference(self, figure) },
        difference(whole, figure),
      ]),
    },
    graph('difference', 'head, coloured by what it spends more (red) or less (blue) than base'),
    {
      kind: 'folded',
      summary: `Flame graphs of ${workload}, base and head`,
      blocks: [graph('base', 'base'), graph('head', 'head')],
      only: 'html',
    },
  ];
}

/** A function that has one in a hundred of the time is in so many samples once. */
const FEW_SAMPLES = 200;

function fewSamples({ base, head }: ProfiledWorkload): Block[] {
  const fewest = Math.min(base.samples, head.samples);
  if (fewest >= FEW_SAMPLES) return [];
  return [
    paragraph(
      `The profiles have ${String(base.samples)} and ${String(head.samples)} samples, which is few: differences of some samples are chance. More load on the workload gives more.`,
      'doubt',
    ),
  ];
}

/** Enough to come from a library to the code that uses it; callers beyond these are in the flame graph. */
const MOST_CALLERS = 5;

function causeOf({ path, total }: ProfiledWorkload): (string | Span)[] {
  const last = path.at(-1);
  if (last === undefined)
    return [total.head > total.base ? 'No single call has most of what head spends more.' : 'Head spends no more.'];
  const callers = path.slice(0, -1).slice(-MOST_CALLERS).reverse();
  return [
    'Most of what head spends more is in ',
    { strong: shortFunction(last) },
    ...callers.flatMap((caller, index) => [index === 0 ? ', called by ' : ' ← ', { code: shortFunction(caller) }]),
    '.',
  ];
}

function difference(
  { base, head }: { readonly base: number; readonly head: number },
  figure: (value: number) => string,
) {
  if (base === head) return NOT_MEASURED;
  const amount = `${head > base ? '+' : '−'}${figure(Math.abs(head - base))}`;
  return base === 0 ? `${amount} (new)` : `${amount} (${signed(head / base - 1)})`;
}

import type { HistoryGroup, HistorySeries } from './history-series.ts';

/** A series under its name in Otava, with values whose ratios are meaningful. */
interface OtavaTest {
  readonly name: string;
  readonly series: HistorySeries;
}

/**
 * The files that Apache Otava reads with its CSV importer: a table for each series, and the configuration that names
 * them. Changes are exported as ratios of head to base, because Otava reports the change of a mean in percent. Series
 * with a value of 0 are left out, because nothing is a percentage of 0.
 *
 * @returns texts by their paths.
 */
export function otavaFiles(groups: readonly HistoryGroup[]): Record<string, string> {
  const tests = groups.flatMap((group, index) => {
    const machines = [...new Set(group.figures.map(({ machine }) => machine))];
    const nameOf = (series: HistorySeries): string =>
      series.unit === 'change' ? 'change' : `machine-${String(machines.indexOf(series.machine) + 1)}`;
    return [...group.changes, ...group.figures].map((series) => ({
      name: `load-${String(index + 1)}-${nameOf(series)}-${columnOf(series)}`,
      series,
    }));
  });
  const usable = tests.filter(({ series }) => series.points.every(({ value }) => valueIn(series, value) > 0));
  return {
    ...Object.fromEntries(usable.map(({ name, series }) => [`otava/${name}.csv`, csvOf(series)])),
    'otava/otava.yaml': configurationOf(usable),
  };
}

const columnOf = ({ metric }: HistorySeries): string => metric.replace(/[^a-z0-9]+/gi, '_');

const valueIn = ({ unit }: HistorySeries, value: number): number =>
  unit === 'change' ? Number((1 + value).toPrecision(8)) : value;

const csvOf = (series: HistorySeries): string =>
  [
    ['time', 'commit', columnOf(series)],
    ...series.points.map(({ line, value }) => [line.at, cell(line.commit ?? ''), String(valueIn(series, value))]),
  ]
    .map((row) => `${row.join(',')}\n`)
    .join('');

/** A commit consists of hexadecimal digits; anything else could begin a formula or end a cell. */
const cell = (text: string): string => text.replace(/[^0-9A-Za-z]/g, '');

const configurationOf = (tests: readonly OtavaTest[]): string =>
  `tests:\n${tests
    .map(
      ({ name, series }) =>
        `  ${name}:\n    type: csv\n    file: otava/${name}.csv\n    time_column: time\n    attributes: [commit]\n    metrics:\n      ${columnOf(series)}:\n        column: ${columnOf(series)}\n        direction: ${series.better === 'higher' ? '1' : '-1'}\n`,
    )
    .join('')}`;

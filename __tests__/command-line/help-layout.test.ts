import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { formatItem } from '../../src/command-line/help-layout.ts';

const helpAt = (helpWidth: number): string =>
  new Command('tool')
    .option('--duration <duration>', 'Length of the load (30s, 2m), instead of a number of requests.')
    .helpOption(false)
    .configureHelp({ formatItem, minWidthToWrap: 20, helpWidth })
    .helpInformation();

test('a description is next to its option where there is room', () => {
  expect(helpAt(80)).toContain('  --duration <duration>  Length of the load');
});

test('on a narrow terminal it is below, and no line is too long', () => {
  const help = helpAt(40);
  expect(help).toContain('  --duration <duration>\n      Length of the load');
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
});

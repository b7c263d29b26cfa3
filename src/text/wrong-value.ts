import { z } from 'zod';

/** What a type is called where a user writes YAML or JSON. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of names to values',
  record: 'a mapping of names to values',
};

const typeText = (type: string): string => TYPES[type] ?? type;

/** What is wrong with a value, in words that need no knowledge of Zod; for what a schema has no words of its own. */
export const wrongValue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; it is ${typeText(issue.expected)}`
        : `takes ${typeText(issue.expected)}`;
    case 'unrecognized_keys':
      return `there is nothing called ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} here`;
    case 'too_small':
    case 'too_big':
      return `takes at ${boundText(issue)}`;
    case 'invalid_value':
      return `takes ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'has a name that is none';
    default:
      return 'has none of the forms that it may have';
  }
};

function boundText(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall>): string {
  const [side, bound] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
  const unit = { array: ['entry', 'entries'], string: ['character', 'characters'] }[issue.origin]?.[
    Number(bound) === 1 ? 0 : 1
  ];
  return [side, String(bound), unit].filter((part) => part !== undefined).join(' ');
}

/** Where the first wrong value of a file is, and what is wrong with it: `run.attempt takes a whole number`. */
export function firstWrongValue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it is wrong';
  return `${issue.path.length === 0 ? 'the whole' : issue.path.map(String).join('.')}: ${issue.message}`;
}

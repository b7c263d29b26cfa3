import { z } from 'zod';
import { schemaAddress } from '../addresses.ts';
import { scenarioSchema } from '../load/requests/scenario-schema.ts';
import type { Shape } from './formats.ts';
import { canBeInFile } from './settings-file.ts';
import { definitionOf, INPUT_NAMES, type InputName, type Topic, TOPICS } from './table.ts';

/** The JSON Schema of `load-test.yml`, for editors. It is generated from the table, so a new input is included. */
export function settingsSchema(): object {
  const topics = (Object.keys(TOPICS) as Topic[]).map((topic) => {
    const names = INPUT_NAMES.filter((name) => definitionOf(name).topic === topic && canBeInFile(name));
    return [topic, objectOf(Object.fromEntries(names.map((name) => [name, schemaOf(name)])))] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaAddress('load-test'),
    title: 'Inputs of k8s-loadtest-ci by topic',
    ...objectOf(Object.fromEntries(topics)),
  };
}

const objectOf = (properties: object): object => ({
  type: ['object', 'null'],
  properties,
  additionalProperties: false,
});

function schemaOf(name: InputName): object {
  const { description, default: standard, parse } = definitionOf(name);
  const { schema, several } = parse.shape;
  const isText = schema['type'] !== 'boolean' && schema['type'] !== 'integer' && schema['type'] !== 'number';
  const about = {
    description,
    ...(standard === '' ? {} : { default: isText ? standard : (JSON.parse(standard) as unknown) }),
  };
  if (name === 'scenario') {
    const inline = z.toJSONSchema(scenarioSchema, { io: 'input' });
    return { ...about, anyOf: [{ type: 'string' }, { ...inline, $schema: undefined }] };
  }
  if (several === true)
    return { ...about, anyOf: [{ type: 'string' }, { type: 'array', items: schema }, { type: 'object' }] };
  return { ...about, ...schema, ...asWritten(schema) };
}

/** YAML reads a choice such as `2` or `true` without quotes as a number or boolean. */
function asWritten({ enum: choices }: Shape['schema']): { enum?: readonly unknown[] } {
  if (!Array.isArray(choices)) return {};
  const plain = (choices as string[]).filter((choice) => /^(\d+|true|false)$/.test(choice));
  return { enum: [...(choices as string[]), ...plain.map((choice) => JSON.parse(choice) as unknown)] };
}

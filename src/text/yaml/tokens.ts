import type { Mark } from './cursor.ts';

/** What the scanner makes of a text; `mark` is where it begins. */
export type Token = { readonly mark: Mark } & (
  | { readonly type: PunctuationType }
  | { readonly type: 'alias' | 'anchor'; readonly name: string }
  | { readonly type: 'tag'; readonly handle: string; readonly suffix: string }
  | { readonly type: 'scalar'; readonly value: string; readonly plain: boolean }
  | { readonly type: 'version'; readonly major: number; readonly minor: number }
  | { readonly type: 'tag-directive'; readonly handle: string; readonly prefix: string }
);

export type PunctuationType =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'block-entry'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'flow-entry'
  | 'key'
  | 'value';

export type ScalarToken = Extract<Token, { type: 'scalar' }>;

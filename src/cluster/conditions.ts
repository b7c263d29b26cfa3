interface Condition {
  readonly type: string;
  readonly status: string;
}

/** The condition of a type in the status of an object; undefined unless it has this status. */
export const conditionOf = <C extends Condition>(
  { conditions }: { readonly conditions: readonly C[] },
  wanted: string,
  wantedStatus: 'True' | 'False' = 'True',
): C | undefined => conditions.find(({ type, status }) => type === wanted && status === wantedStatus);

export declare const FLOORS: readonly {
  readonly name: string;
  readonly does: string;
  readonly holds: readonly string[];
}[];
export declare const floorOf: (file: string) => number;

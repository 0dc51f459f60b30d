/** One numbered step of the schema, forward and back. */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number
  readonly up: string
  readonly down: string
}

/** One numbered step of the schema on PostgreSQL, forward and back. */
export interface PostgresMigration {
  /** From 1, without gaps. */
  readonly number: number
  /** `schema` is the quoted name of the schema that everything lives in. */
  readonly up: (schema: string) => string
  readonly down: (schema: string) => string
}

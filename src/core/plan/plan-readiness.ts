/** A yes that is derived from the steps before it. */

/** Yes when all that it is about is done; nobody answers it. */
export interface ReadinessBlock {
  readonly word: 'readiness'
  readonly of: Aspect
  /** RE2: steps whose text or headings it finds, instead of those that are about `of`. */
  readonly match: string | null
}

/** What of a checklist is asked for: all of its items, or those about one thing. */
export type Aspect = 'items' | 'tests' | 'security' | 'rollback' | 'training'

/** One thing that release checklists need, and how a checklist of Holdpoint says it. */

export interface Capability {
  /** `C01` to `C68`, as the tests and the page call it. */
  readonly id: string
  readonly what: string
  /** Blocks, kinds, settings and commands, as they are written. */
  readonly by: readonly string[]
  /** Where it is shown: a file and the title of a test in it. */
  readonly tests: readonly (readonly [file: string, title: string])[]
}

export function row(
  id: string,
  what: string,
  by: readonly string[],
  ...tests: readonly (readonly [string, string])[]
): Capability {
  return { id, what, by, tests }
}

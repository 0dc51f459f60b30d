/** The port to a vault: whoever runs Holdpoint chooses what stands behind it, a checklist only names what it wants. */

export interface SecretProvider {
  /** Asks for what is not known yet or may have changed; never rejects. What cannot be had is told by `value`. */
  readonly prepare: (names: readonly string[]) => Promise<void>
  /** From memory, as it was asked for last; a missing one is asked for at once where that is allowed to take its time. */
  readonly value: (name: string) => string | undefined
}

/** What a checklist may name: no option of a command, no way out of a path. */
export const secretNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_./@:-]{0,199}$/

/** What somebody has written and not sent yet: kept in this tab through a reload, a sign-in or a lost server, and gone when it is sent. */
import { useCallback, useState } from 'preact/hooks'

const PREFIX = 'draft '

/** `key` = what it is written about; a changed `key` does not load another draft. */
export function useDraft<T>(key: string, start: T): readonly [T, (change: (before: T) => T) => void, () => void] {
  const [value, setValue] = useState<T>(() => (kept(key) as T | null) ?? start)
  const change = useCallback(
    (next: (before: T) => T): void =>
      setValue((before) => {
        const after = next(before)
        keep(key, after)
        return after
      }),
    [key],
  )
  const forget = useCallback((): void => forgetDraft(key), [key])
  return [value, change, forget]
}

export function forgetDraft(key: string): void {
  sessionStorage.removeItem(PREFIX + key)
}

/** For the end of a sign-in: the next person at this screen finds nothing. */
export function forgetAllDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
}

/** Only this tab writes it, and always what the same form had. */
function kept(key: string): unknown {
  const text = sessionStorage.getItem(PREFIX + key)
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function keep(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // No room, or none allowed: what was written is on the page all the same.
  }
}

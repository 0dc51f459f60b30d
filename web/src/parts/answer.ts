/** What the server answers to a question, kept on the screen while it is asked again. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { get, wordsOf } from '../api/ask.ts'

export interface Answer<T> {
  /** null = not here yet. */
  readonly value: T | null
  /** Why it is not, or is not fresh; null = it is. */
  readonly why: string | null
  /** Asks again; resolves when the new answer is shown. */
  readonly again: () => Promise<void>
}

/** What others change shows up by itself, this soon. */
const EVERY_MS = 20_000

/** Asked again and again while somebody can see it, and at once when they come back to it; null as the path asks nothing. */
export function useAnswer<T>(path: string | null, everyMs: number = EVERY_MS): Answer<T> {
  const [state, setState] = useState<{ readonly value: T | null; readonly why: string | null }>({
    value: null,
    why: null,
  })
  const newest = useRef(path)
  newest.current = path
  const turn = useRef(0)
  const again = async (): Promise<void> => {
    if (path === null) return
    turn.current += 1
    const mine = turn.current
    // An answer from before a change must not cover the one after it.
    const isNewest = (): boolean => newest.current === path && turn.current === mine
    try {
      const value = await get<T>(path)
      if (isNewest()) setState({ value, why: null })
    } catch (cause) {
      if (isNewest()) setState((before) => ({ ...before, why: wordsOf(cause) }))
    }
  }
  useEffect(() => {
    setState({ value: null, why: null })
    void again()
    const look = (): void => void (document.hidden ? undefined : again())
    const timer = setInterval(look, everyMs)
    document.addEventListener('visibilitychange', look)
    window.addEventListener('online', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      window.removeEventListener('online', look)
    }
  }, [path])
  return { ...state, again }
}

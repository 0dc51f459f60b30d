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

/** `everyMs` = asked again and again while somebody can see it; null as the path asks nothing. */
export function useAnswer<T>(path: string | null, everyMs?: number): Answer<T> {
  const [state, setState] = useState<{ readonly value: T | null; readonly why: string | null }>({
    value: null,
    why: null,
  })
  const newest = useRef(path)
  newest.current = path
  const again = async (): Promise<void> => {
    if (path === null) return
    try {
      const value = await get<T>(path)
      if (newest.current === path) setState({ value, why: null })
    } catch (cause) {
      if (newest.current === path) setState((before) => ({ ...before, why: wordsOf(cause) }))
    }
  }
  useEffect(() => {
    setState({ value: null, why: null })
    void again()
    if (everyMs === undefined) return undefined
    const timer = setInterval(() => void (document.hidden ? undefined : again()), everyMs)
    return () => clearInterval(timer)
  }, [path])
  return { ...state, again }
}

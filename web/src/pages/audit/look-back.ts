/** Entries from now back, page by page, for one query; the newest come by themselves while somebody looks. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AuditEntry, AuditPage } from '../../../../src/api/wire/web.ts'
import { get, wordsOf } from '../../api/ask.ts'

const PAGE = 200
const NEWS_MS = 10_000
/** Of somebody who types. */
const PAUSE_MS = 250
/** So many stretches without an entry are looked through unasked; then it is for the viewer to say. */
const MOST_UNASKED = 8

export interface LookedBack {
  readonly entries: readonly AuditEntry[]
  /** null = all there are; else where it goes on. */
  readonly next: number | null
  readonly lookedTo: number | null
  readonly isLooking: boolean
  readonly why: string | null
}

const nothing: LookedBack = { entries: [], next: null, lookedTo: null, isLooking: true, why: null }

export function useEntries(asked: string): LookedBack & { readonly more: () => void } {
  const [state, setState] = useState<LookedBack>(nothing)
  const now = useRef(state)
  now.current = state
  const turn = useRef(0)
  const busy = useRef(false)

  const look = async (mine: number, isFirst: boolean): Promise<void> => {
    if (busy.current && !isFirst) return
    busy.current = true
    let { entries, next, lookedTo } = isFirst ? nothing : now.current
    if (!isFirst) setState((before) => ({ ...before, isLooking: true }))
    try {
      for (let rounds = 0; rounds < MOST_UNASKED; rounds += 1) {
        const page = await get<AuditPage>(pathOf(asked, next))
        if (turn.current !== mine) return
        entries = [...entries, ...page.entries]
        lookedTo = page.lookedTo ?? lookedTo
        next = page.next
        setState({ entries, next, lookedTo, isLooking: true, why: null })
        if (page.entries.length > 0 || next === null) break
      }
      setState({ entries, next, lookedTo, isLooking: false, why: null })
    } catch (cause) {
      if (turn.current === mine) setState((before) => ({ ...before, isLooking: false, why: wordsOf(cause) }))
    } finally {
      if (turn.current === mine) busy.current = false
    }
  }
  const news = async (mine: number): Promise<void> => {
    const { entries, isLooking } = now.current
    if (document.hidden || isLooking) return
    const newest = entries[0]?.position ?? 0
    const page = await get<AuditPage>(pathOf(asked, null)).catch(() => null)
    if (page === null || turn.current !== mine) return
    const fresh = page.entries.filter(({ position }) => position > newest)
    if (fresh.length > 0) setState((before) => ({ ...before, entries: [...fresh, ...before.entries] }))
  }
  useEffect(() => {
    turn.current += 1
    const mine = turn.current
    const pause = setTimeout(() => void look(mine, true), mine === 1 ? 0 : PAUSE_MS)
    const timer = setInterval(() => void news(mine), NEWS_MS)
    return () => {
      clearTimeout(pause)
      clearInterval(timer)
    }
  }, [asked])
  return { ...state, more: () => void (state.next === null ? undefined : look(turn.current, false)) }
}

function pathOf(asked: string, before: number | null): string {
  return `/v1/audit/entries?${asked}&limit=${PAGE}${before === null ? '' : `&before=${before}`}`
}

/** A long list of which only what can be seen is drawn; it scrolls with the page. */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface WindowListProps<T> {
  readonly items: readonly T[]
  /** Pixels. */
  readonly heightOf: (item: T) => number
  readonly keyOf: (item: T) => string
  readonly draw: (item: T, at: number) => ComponentChildren
  readonly label: string
  /** Somebody comes near the end. */
  readonly onNearEnd?: () => void
  /** This item is to be in sight. */
  readonly inSight?: number | null
}

const MARGIN_PX = 600

export function WindowList<T>(props: WindowListProps<T>) {
  const { items, heightOf, keyOf, draw, label, onNearEnd, inSight = null } = props
  const place = useRef<HTMLUListElement>(null)
  const [seen, setSeen] = useState({ from: 0, to: 1_500 })
  const tops = topsOf(items, heightOf)
  const total = tops.at(-1) ?? 0

  useEffect(() => {
    const look = (): void => {
      const top = place.current?.getBoundingClientRect().top ?? 0
      const next = { from: -top - MARGIN_PX, to: -top + window.innerHeight + MARGIN_PX }
      setSeen((before) =>
        Math.abs(before.from - next.from) < MARGIN_PX / 3 && before.to >= next.to - MARGIN_PX / 3 ? before : next,
      )
    }
    look()
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      window.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [])

  const first = Math.max(0, indexAt(tops, seen.from))
  const last = Math.min(items.length, indexAt(tops, seen.to) + 1)
  const isNearEnd = last >= items.length
  useEffect(() => {
    if (isNearEnd) onNearEnd?.()
  }, [isNearEnd, items.length])

  useLayoutEffect(() => {
    if (inSight === null || place.current === null) return
    const top = place.current.getBoundingClientRect().top + (tops[inSight] ?? 0)
    const bottom = top + heightOf(items[inSight] as T)
    if (top < 130) window.scrollBy(0, top - 130)
    else if (bottom > window.innerHeight - 20) window.scrollBy(0, bottom - window.innerHeight + 20)
  }, [inSight])

  return (
    <ul class="window-list" ref={place} aria-label={label} style={{ height: `${total}px` }}>
      {items.slice(first, last).map((item, at) => (
        <li
          key={keyOf(item)}
          aria-setsize={items.length}
          aria-posinset={first + at + 1}
          style={{ top: `${tops[first + at]}px`, height: `${heightOf(item)}px` }}
        >
          {draw(item, first + at)}
        </li>
      ))}
    </ul>
  )
}

/** One more than there are items: the last is the height of all. */
function topsOf<T>(items: readonly T[], heightOf: (item: T) => number): readonly number[] {
  const tops = [0]
  for (const item of items) tops.push((tops.at(-1) ?? 0) + heightOf(item))
  return tops
}

function indexAt(tops: readonly number[], place: number): number {
  let [low, high] = [0, tops.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((tops[middle] ?? 0) <= place) low = middle
    else high = middle - 1
  }
  return low
}

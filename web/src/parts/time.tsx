/** A moment, or how long something has been so, with UTC when the pointer rests on it; on paper UTC alone, since paper does not count on. */
import { clockWords, momentWords, spanWords, useNow, utcWords } from './clock.ts'

interface AtProps {
  readonly at: number
}

export function Moment({ at, hasSeconds = false }: AtProps & { readonly hasSeconds?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={utcWords(at)} data-print={utcWords(at)}>
      {hasSeconds ? clockWords(at) : momentWords(at)}
    </time>
  )
}

/** `for 4 min`: counts up. */
export function Since({ at, before = '' }: AtProps & { readonly before?: string }) {
  const now = useNow()
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`since ${momentWords(at, now)} · ${utcWords(at)}`}
      data-print={`since ${utcWords(at)}`}
    >
      {before}
      {spanWords(now - at)}
    </time>
  )
}

/** `in 4 min`: counts down, and says `now` from there on. */
export function Until({ at }: AtProps) {
  const now = useNow()
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`${momentWords(at, now)} · ${utcWords(at)}`}
      data-print={utcWords(at)}
    >
      {at - now > 999 ? `in ${spanWords(at - now)}` : 'now'}
    </time>
  )
}

/** Times for people: how long ago by the server's clock, and the moment itself in the viewer's zone with UTC beside it. */
import { useEffect, useState } from 'preact/hooks'

/** What the server's clock is ahead of this machine's. */
let aheadMs = 0

/** Told with every answer that carries the server's time. */
export function serverSaid(at: number): void {
  aheadMs = at - Date.now()
}

export function serverNow(): number {
  return Date.now() + aheadMs
}

const ticking = new Set<(now: number) => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** The server's time, anew every second: one clock for the whole page. */
export function useNow(): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    ticking.add(setNow)
    timer ??= setInterval(() => {
      for (const tick of ticking) tick(serverNow())
    }, 1_000)
    return () => {
      ticking.delete(setNow)
      if (ticking.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }, [])
  return now
}

/** `4 min 12 s` needs no more than its two largest parts. */
export function spanWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return days < 3 && hours % 24 !== 0 ? `${days} d ${hours % 24} h` : `${days} d`
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const shortClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

export function clockWords(at: number): string {
  return clock.format(at)
}

/** For an axis: with seconds only where minutes would repeat themselves. */
export function shortClockWords(at: number, hasSeconds: boolean): string {
  return hasSeconds ? clock.format(at) : shortClock.format(at)
}

/** The clock on the same day, else the date with it. */
export function momentWords(at: number, now: number = serverNow()): string {
  const [one, other] = [new Date(at), new Date(now)]
  if (one.toDateString() === other.toDateString()) return shortClock.format(at)
  return `${one.getFullYear() === other.getFullYear() ? day.format(at) : dayAndYear.format(at)}, ${shortClock.format(at)}`
}

export function utcWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

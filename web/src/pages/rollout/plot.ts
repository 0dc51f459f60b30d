/** Where things stand in a plot: scales, ticks, and lines with no more points than a screen can show. */

export interface Scale {
  readonly min: number
  readonly max: number
  /** Of a value, in pixels. */
  readonly at: (value: number) => number
}

export function scaleOf(min: number, max: number, from: number, to: number): Scale {
  const span = max - min || 1
  return { min, max, at: (value) => from + ((value - min) / span) * (to - from) }
}

/** Round numbers within the span, about `count` of them. */
export function ticksOf(min: number, max: number, count: number): readonly number[] {
  if (!(max > min)) return [min]
  const rough = (max - min) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400]

/** Full minutes or hours by the viewer's clock; `offsetMs` = how far its zone is ahead of UTC. */
export function timeTicksOf(min: number, max: number, count: number, offsetMs: number): readonly number[] {
  const step = (TIME_STEPS.find((seconds) => seconds * 1_000 * count >= max - min) ?? 86_400) * 1_000
  const first = Math.ceil((min + offsetMs) / step)
  const last = Math.floor((max + offsetMs) / step)
  const many = Math.min(last - first + 1, 2 * count + 2)
  return Array.from({ length: Math.max(0, many) }, (_, at) => (first + at) * step - offsetMs)
}

/** One place of a line; null = the line is broken there. */
export interface Spot {
  readonly x: number
  readonly y: number | null
}

/**
 * At most two places per pixel: the lowest and the highest, in the order in which they came. What stands out stays, and a
 * break stays a break.
 */
export function thinned(spots: readonly Spot[]): readonly Spot[] {
  const made: Spot[] = []
  let at = 0
  while (at < spots.length) {
    const pixel = Math.floor((spots[at] as Spot).x)
    let [low, high] = [-1, -1]
    let isBroken = false
    for (; at < spots.length && Math.floor((spots[at] as Spot).x) === pixel; at += 1) {
      const { y } = spots[at] as Spot
      if (y === null) {
        isBroken = true
        continue
      }
      if (low === -1 || y < ((spots[low] as Spot).y ?? 0)) low = at
      if (high === -1 || y > ((spots[high] as Spot).y ?? 0)) high = at
    }
    if (low !== -1) {
      made.push(spots[Math.min(low, high)] as Spot)
      if (low !== high) made.push(spots[Math.max(low, high)] as Spot)
    } else if (isBroken) made.push({ x: pixel, y: null })
  }
  return made
}

/** The `d` of a path; a place alone between two breaks becomes a short dash. */
export function lineOf(spots: readonly Spot[]): string {
  let path = ''
  let isDrawing = false
  for (const [at, { x, y }] of spots.entries()) {
    if (y === null) {
      isDrawing = false
      continue
    }
    const isAlone = !isDrawing && (spots[at + 1]?.y ?? null) === null
    path += `${isDrawing ? 'L' : 'M'}${round(x)} ${round(y)}${isAlone ? 'h1.5' : ''}`
    isDrawing = true
  }
  return path
}

/** A filled area between two lines, piece by piece. */
export function areaOf(low: readonly Spot[], high: readonly Spot[]): string {
  let path = ''
  let start = 0
  for (let at = 0; at <= low.length; at += 1) {
    if (at < low.length && (low[at] as Spot).y !== null && (high[at] as Spot).y !== null) continue
    if (at - start > 1) {
      const top = high.slice(start, at)
      const bottom = low.slice(start, at).toReversed()
      path += `${lineOf(top)}${lineOf(bottom).replace('M', 'L')}Z`
    }
    start = at + 1
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

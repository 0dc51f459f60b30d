/** Numbers that a field captures from a metric: one now, or a window of a time before. */
import type { Millis } from '../units.ts'

export interface MetricCapture {
  readonly source: string
  readonly query: string
  /** A window instead of an instant; absent = one number now. */
  readonly window?: CaptureWindow
}

/** Samples of a time before: so many of them, and what they come to. */
export interface CaptureWindow {
  readonly overMs: Millis
  readonly everyMs: Millis
  /** How long before now the window ends: 0 = now, 7 days = the same hour last week. */
  readonly agoMs: Millis
  readonly minSamples: number
  readonly take: 'median' | 'mean' | 'p95' | 'highest' | 'lowest'
}

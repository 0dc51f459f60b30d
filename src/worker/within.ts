/** Bounds how long something may take. */
import type { Clock } from '../core/ports/clock.ts'
import type { EffectContext } from '../core/ports/engine.ts'
import type { Millis } from '../core/units.ts'

/** What was asked, or `late` when it takes too long; then it is told to stop, and its end is of no interest any more. */
export async function within<T>(
  budgetMs: Millis,
  context: EffectContext,
  { clock }: { readonly clock: Clock },
  late: T,
  ask: (limited: EffectContext) => Promise<T>,
): Promise<T> {
  const end = new AbortController()
  // By hand: what AbortSignal.any leaves behind for the collector is much, thousands of times a second.
  const { signal } = end
  const stop = (): void => end.abort(context.signal.reason)
  if (context.signal.aborted) stop()
  else context.signal.addEventListener('abort', stop, { once: true })
  // Called inside a promise, so that a sentence thrown on the way is a rejection like any other.
  const asking = Promise.resolve().then(() => ask({ ...context, signal }))
  try {
    return await Promise.race([asking, clock.sleep(budgetMs, signal).then(() => late)])
  } finally {
    context.signal.removeEventListener('abort', stop)
    end.abort()
    asking.catch(() => undefined)
  }
}

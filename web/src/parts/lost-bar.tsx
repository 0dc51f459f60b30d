/** Says quietly that what is shown is old, and how old. */
import { spanWords, useNow } from './clock.ts'

interface LostBarProps {
  /** By this machine's clock; null = all is fresh. */
  readonly lost: { readonly since: number | null; readonly why?: string } | null
}

export function LostBar({ lost }: LostBarProps) {
  useNow()
  return (
    <div class="lost-bar" role="status">
      {lost !== null && (
        <p>
          Reconnecting
          {lost.since === null ? '' : `, last seen ${spanWords(Date.now() - lost.since)} ago`}. What you see is from
          then.
        </p>
      )}
    </div>
  )
}

/** Who waits for this release to end, beside its headline; nothing while nobody does. */
import { useEffect, useState } from 'preact/hooks'
import type { ReleaseView, TargetView } from '../../../../src/api/wire/web.ts'
import { pollTargets } from '../../api/poll-targets.ts'
import { Link } from '../../router.tsx'

/** Nobody decides by it, and many look at one release. */
const EVERY_MS = 15_000

export function LineBehind({ view }: { readonly view: ReleaseView }) {
  const { service, environment, endedAt } = view.facts
  const [target, setTarget] = useState<TargetView | null>(null)
  useEffect(() => {
    if (endedAt !== null) return undefined
    const gone = new AbortController()
    pollTargets(({ targets }) => setTarget(targets?.[0] ?? null), gone.signal, { service, environment }, EVERY_MS)
    return () => gone.abort()
  }, [service, environment, endedAt])
  if (endedAt !== null || target === null || target.holder?.release !== view.release || target.line.length === 0)
    return null
  return (
    <p class="line-behind">
      <Link to="/targets">In line behind it</Link>:{' '}
      {target.line.map(({ version, by }) => `${version} of ${by}`).join(', ')}
    </p>
  )
}

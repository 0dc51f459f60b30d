/** What only a printed page shows: the evidence of a step by name and hash, and what the record of the release is. */
import type { Evidence, ReleaseView } from '../../../../src/api/wire/web.ts'
import { memo } from '../../parts/memo.ts'
import { Moment } from '../../parts/time.tsx'
import { Facts } from './facts.tsx'
import { sizeWords } from './size-words.ts'
import { visible } from './visible.ts'

/** The hash is the reference: the bundle of the release keeps each piece under it. */
export const EvidenceOnPaper = memo(({ evidence }: { readonly evidence: readonly Evidence[] }) => (
  <ul class="papers on-paper">
    {evidence.map(({ name, sha256, size, truncated }) => (
      <li key={`${name} ${sha256}`}>
        evidence {visible(name)}, {sizeWords(size)}
        {truncated ? ' (cut off)' : ''}, sha-256 {sha256}
      </li>
    ))}
  </ul>
))

export function AboutOnPaper({ view }: { readonly view: ReleaseView }) {
  return (
    <section class="about-print on-paper">
      <h2>About this release</h2>
      <Facts view={view} />
      <p>
        As of event {view.version}, <Moment at={view.at} />, from {location.origin}. The record itself, which can be
        verified without Holdpoint: <code>holdpoint export {view.release} --format bundle</code>
      </p>
    </section>
  )
}

/** One entry with all that is known of it, and the way to more like it. */
import type { AuditEntry } from '../../../../src/api/wire/web.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { momentWords, utcWords } from '../../parts/clock.ts'
import { Link, releasePath } from '../../router.tsx'
import type { Query } from './query.ts'

interface EntryProps {
  readonly entry: AuditEntry
  readonly onClose: () => void
  readonly onOnly: (only: Partial<Query>) => void
}

const assurances: Readonly<Record<string, string>> = {
  proven: 'proven by a sign-in or a token',
  signed: 'proven by a signature',
  claimed: 'claimed, not proven',
  engine: 'the engine itself',
}

export function Entry({ entry, onClose, onOnly }: EntryProps) {
  const { at, by, kind, say, places, release, stream, version, position, hash } = entry
  return (
    <Dialog title={kind} onClose={onClose}>
      <p class="entry-say">{say}</p>
      <dl class="entry-facts">
        <dt>When</dt>
        <dd>
          {momentWords(at)} <span class="hint">{utcWords(at)}</span>
        </dd>
        <dt>By</dt>
        <dd>
          {by.id} <span class="hint">{assurances[by.assurance] ?? by.assurance}</span>
        </dd>
        {places.length > 0 && (
          <>
            <dt>Where</dt>
            <dd>{places.join(', ')}</dd>
          </>
        )}
        {release !== null && (
          <>
            <dt>Release</dt>
            <dd>
              <Link to={releasePath(release)}>{release}</Link>
            </dd>
          </>
        )}
        <dt>Entry</dt>
        <dd>
          {version} of {stream}, {position} of the log
        </dd>
        <dt>Hash</dt>
        <dd>
          <code>{hash}</code>
        </dd>
      </dl>
      <div class="entry-acts">
        <button type="button" onClick={() => onOnly({ by: by.id })}>
          Only by {by.id}
        </button>
        <button type="button" onClick={() => onOnly({ what: kind })}>
          Only {kind}
        </button>
      </div>
    </Dialog>
  )
}

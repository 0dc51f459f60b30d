/** Has the server hash its log again, and shows in words what that showed. */
import { useEffect, useState } from 'preact/hooks'
import type { LogVerdict } from '../../../../src/api/wire/web.ts'
import { post, wordsOf } from '../../api/ask.ts'
import { Dialog } from '../../parts/dialog.tsx'

export function Verify({ onClose }: { readonly onClose: () => void }) {
  const [verdict, setVerdict] = useState<LogVerdict | null>(null)
  const [why, setWhy] = useState<string | null>(null)
  useEffect(() => {
    post<LogVerdict>('/v1/audit/verify', {}).then(setVerdict, (cause: unknown) => setWhy(wordsOf(cause)))
  }, [])
  return (
    <Dialog title="Verify the log" onClose={onClose}>
      <div role="status" class="verdict-words">
        {verdict === null && why === null && <p>The server hashes every entry again…</p>}
        {verdict !== null && (
          <>
            <p class={verdict.ok ? 'tone-good' : 'tone-bad'}>
              <b>{verdict.ok ? 'All fit.' : 'The log is not what was written.'}</b>
            </p>
            {verdict.say.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </>
        )}
      </div>
      <p class="trouble" role="alert">
        {why}
      </p>
    </Dialog>
  )
}

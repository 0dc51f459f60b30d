/** A dialog that does one thing: what it means, what it needs, the button that does it; a refusal stays beside them. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wordsOf } from '../api/ask.ts'
import { Dialog } from './dialog.tsx'
import { missingIn } from './missing.ts'

interface ActDialogProps {
  readonly title: string
  readonly lead?: ComponentChildren
  /** On the button. */
  readonly action: string
  /** It takes something away. */
  readonly isStop?: boolean
  /** Throws what the person has to read. */
  readonly onSend: () => Promise<void>
  /** Also after it was done. */
  readonly onClose: () => void
  readonly children?: ComponentChildren
}

export function ActDialog({ title, lead, action, isStop = false, onSend, onClose, children }: ActDialogProps) {
  const { why, isBusy, run } = useDoing()
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    const missing = missingIn(event.currentTarget as HTMLFormElement)
    run(async () => {
      if (missing !== null) throw new Error(missing)
      await onSend()
      onClose()
    })
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={send} noValidate>
        {lead !== undefined && <p class="lead">{lead}</p>}
        {children}
        <p class="trouble" role="alert">
          {why}
        </p>
        <div class="ends">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={`primary${isStop ? ' stop' : ''}`} aria-disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** One thing at a time, and why it did not work. */
export function useDoing() {
  const [why, setWhy] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const run = (work: () => Promise<void>): void => {
    if (isBusy) return
    setBusy(true)
    setWhy(null)
    void work()
      .catch((cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setBusy(false))
  }
  return { why, isBusy, run }
}

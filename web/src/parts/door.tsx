/** The pages by which one comes in share this: one narrow column, one form, one thing to do. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wordsOf } from '../api/ask.ts'
import { missingIn } from './missing.ts'

interface DoorProps {
  readonly title: string
  readonly lead: ComponentChildren
  readonly action: string
  /** Throws what the person has to read. */
  readonly onSend: () => Promise<void>
  readonly children: ComponentChildren
  readonly below?: ComponentChildren
}

export function Door({ title, lead, action, onSend, children, below }: DoorProps) {
  const [why, setWhy] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isSending) return
    const missing = missingIn(event.currentTarget as HTMLFormElement)
    setWhy(missing)
    if (missing !== null) return
    setSending(true)
    void onSend()
      .catch((cause: unknown) => setWhy(wordsOf(cause)))
      .finally(() => setSending(false))
  }
  return (
    <main class="door" id="main">
      <p class="brand">Holdpoint</p>
      <h1>{title}</h1>
      <p class="lead">{lead}</p>
      <form onSubmit={send} noValidate>
        {children}
        <p class="trouble" role="alert">
          {why}
        </p>
        <button type="submit" class="primary" aria-disabled={isSending}>
          {action}
        </button>
      </form>
      {below}
    </main>
  )
}

/** The key behind the hash of this page's address; taken out of it at once, so that no history or screenshot keeps it. */
export function keyInAddress(): string {
  const key = location.hash.slice(1)
  if (key !== '') history.replaceState(null, '', location.pathname)
  return key
}

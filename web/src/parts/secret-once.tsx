/** A secret that is shown this once, with a button that copies it. */
import { useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'

interface SecretOnceProps {
  readonly title: string
  readonly secret: string
  /** What to do with it. */
  readonly lead: string
  /** How it is used, as one types it. */
  readonly use?: string
  readonly onClose: () => void
}

export function SecretOnce({ title, secret, lead, use, onClose }: SecretOnceProps) {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void =>
    void navigator.clipboard.writeText(secret).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="lead">{lead}</p>
      <pre class="secret">
        <code>{secret}</code>
      </pre>
      {use !== undefined && (
        <pre class="secret">
          <code>{use}</code>
        </pre>
      )}
      <p class="hint" role="status">
        {isCopied ? 'Copied.' : 'Nobody can look it up again. If it is lost, make a new one and take this one away.'}
      </p>
      <div class="ends">
        {/* Only pages over https, or of this very machine, may write to the clipboard. */}
        {window.isSecureContext && (
          <button type="button" onClick={copy}>
            Copy
          </button>
        )}
        <button type="button" class="primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  )
}

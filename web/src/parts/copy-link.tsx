/** An address of this server, to be sent to somebody: copied at a click, or shown to be copied by hand. */
import { useRef, useState } from 'preact/hooks'

interface CopyLinkProps {
  readonly path: string
  readonly word?: string
}

export function CopyLink({ path, word = 'Copy the link' }: CopyLinkProps) {
  const [state, setState] = useState<'ready' | 'copied' | 'by hand'>('ready')
  const field = useRef<HTMLInputElement>(null)
  const address = `${location.origin}${path}`
  const copy = (): void => {
    // Browsers lend the clipboard to pages over TLS only.
    const asked = navigator.clipboard?.writeText(address) ?? Promise.reject(new Error('no clipboard'))
    asked.then(
      () => setState('copied'),
      () => {
        setState('by hand')
        requestAnimationFrame(() => field.current?.select())
      },
    )
  }
  if (state === 'by hand')
    return <input ref={field} type="text" class="copy-link" readOnly value={address} aria-label="Link to copy" />
  return (
    <button type="button" class="plain copy-link" onClick={copy}>
      <span aria-live="polite">{state === 'copied' ? 'Copied' : word}</span>
    </button>
  )
}

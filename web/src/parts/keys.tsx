/** Keys of a page: pressed alone, outside fields and dialogs; `?` shows what there is. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'

export interface Key {
  readonly key: string
  readonly does: string
  readonly on: () => void
}

export function useKeys(keys: readonly Key[]): void {
  const newest = useRef(keys)
  newest.current = keys
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      const found = newest.current.find(({ key }) => key === event.key)
      if (found === undefined) return
      event.preventDefault()
      found.on()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Adds `?`: a page hands over its keys and shows what comes back. */
export function KeysHelp({ keys }: { readonly keys: readonly Key[] }) {
  const [isOpen, setOpen] = useState(false)
  useKeys([...keys, { key: '?', does: 'show these keys', on: () => setOpen(true) }])
  if (!isOpen) return null
  return (
    <Dialog title="Keys" onClose={() => setOpen(false)}>
      <dl class="keys">
        {[...keys, { key: '?', does: 'show these keys' }, { key: 'Esc', does: 'close what is open' }].map(
          ({ key, does }) => (
            <div key={key}>
              <dt>
                <kbd>{key === 'Enter' ? '↵' : key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ),
        )}
      </dl>
    </Dialog>
  )
}

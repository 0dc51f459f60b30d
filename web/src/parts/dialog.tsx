/** A dialog over the page: the browser keeps the focus in it, Escape closes it, and the focus goes back to where it was. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** `side` = a drawer at the edge, for reading beside the page. */
  readonly form?: 'middle' | 'side'
}

export function Dialog({ title, onClose, children, form = 'middle' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const close = useRef(onClose)
  close.current = onClose
  // Before anything is painted: between two dialogs the page is never without one.
  useLayoutEffect(() => {
    const place = dialog.current
    const before = document.activeElement
    place?.showModal()
    return () => {
      // Whatever is behind an open dialog takes no focus.
      place?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const onPointer = (event: MouseEvent): void => {
    if (event.target === dialog.current) close.current()
  }
  return (
    <dialog
      ref={dialog}
      class={form}
      aria-labelledby={id}
      onMouseDown={onPointer}
      onCancel={(event) => {
        event.preventDefault()
        close.current()
      }}
    >
      <div class="inner">
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="plain" onClick={() => close.current()}>
            Close
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}

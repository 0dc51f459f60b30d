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
      if (isForSomethingElse(event)) return
      const found = newest.current.find(({ key }) => key === event.key)
      if (found === undefined || isPressing(event)) return
      event.preventDefault()
      found.on()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

/** A shortcut of the browser, something that is being written, a dialog over the page, or somebody who wants no keys. */
export function isForSomethingElse({ metaKey, ctrlKey, altKey, target }: KeyboardEvent): boolean {
  if (metaKey || ctrlKey || altKey || document.querySelector('dialog[open]') !== null || areOff()) return true
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Enter on a link or a button is theirs. */
function isPressing({ key, target }: KeyboardEvent): boolean {
  return key === 'Enter' && target instanceof Element && target.closest('a, button, summary') !== null
}

const OFF = 'holdpoint:keys-off'

/** Whoever speaks to their machine, or rests a hand on the keys, turns them off (WCAG 2.1.4); kept by this browser. */
function areOff(): boolean {
  return localStorage.getItem(OFF) !== null
}

function turn(isOn: boolean): void {
  if (isOn) localStorage.removeItem(OFF)
  else localStorage.setItem(OFF, 'yes')
}

const SHOW = 'holdpoint:show-keys'

/** For who has no keys, or does not know of `?`. */
export function showKeys(): void {
  window.dispatchEvent(new Event(SHOW))
}

/** Pages that show their keys themselves. */
let helping = 0
const everywhere = new Map<string, string>()

/** Keys of the frame, such as `g r`: shown below those of the page. */
export function tellKeys(keys: readonly { readonly key: string; readonly does: string }[]): void {
  everywhere.clear()
  for (const { key, does } of keys) everywhere.set(key, does)
}

/** Adds `?`: a page hands over its keys and shows what comes back. Without keys, the frame's own for pages that have none. */
export function KeysHelp({ keys }: { readonly keys?: readonly Key[] }) {
  const [isOpen, setOpen] = useState(false)
  const isPage = keys !== undefined
  useEffect(() => {
    if (!isPage) return undefined
    helping += 1
    return () => {
      helping -= 1
    }
  }, [isPage])
  const own = keys ?? []
  const help = { key: '?', does: 'show these keys', on: () => (isPage || helping === 0 ? setOpen(true) : undefined) }
  useKeys([...own, help])
  useEffect(() => {
    const show = (): void => (isPage || helping === 0 ? setOpen(true) : undefined)
    window.addEventListener(SHOW, show)
    return () => window.removeEventListener(SHOW, show)
  }, [isPage])
  if (!isOpen) return null
  const general = [...everywhere].map(([key, does]) => ({ key, does }))
  return (
    <Dialog title="Keys" onClose={() => setOpen(false)}>
      <dl class="keys">
        {[...own, ...general, help, { key: 'Esc', does: 'close what is open' }].map(({ key, does }) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each === 'Enter' ? '↵' : each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input type="checkbox" checked={!areOff()} onChange={(event) => turn(event.currentTarget.checked)} />
        Single keys work in this browser
      </label>
    </Dialog>
  )
}

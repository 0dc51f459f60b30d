/** The mark of an item of an imported document: a shape of its own for each state, never colour alone. */
import type { JSX } from 'preact'

export type ItemState = 'manual' | 'proposed' | 'automated' | 'accepted' | 'skipped' | 'other'

const shapes: Readonly<Record<ItemState, JSX.Element>> = {
  manual: (
    <>
      <circle cx="8" cy="5" r="2.7" />
      <path d="M2.8 14c.5-5.3 9.900-5.3 10.4 0" />
    </>
  ),
  proposed: <path d="m8 2.500 5.500 5.500L8 13.500 2.500 8Z" />,
  automated: <path class="is-full" d="m8 2.500 5.500 5.500L8 13.500 2.500 8Z" />,
  accepted: <path d="m3 8.600 3.400 3.400L13 4.600" />,
  skipped: <path d="M4 8h8" />,
  other: <circle cx="8" cy="8" r="1.500" />,
}

const tones: Readonly<Record<ItemState, string>> = {
  manual: 'person',
  proposed: 'busy',
  automated: 'good',
  accepted: 'good',
  skipped: 'quiet',
  other: 'quiet',
}

export function ItemMark({ state }: { readonly state: ItemState }) {
  return (
    <span class={`mark tone-${tones[state]}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        {shapes[state]}
      </svg>
    </span>
  )
}

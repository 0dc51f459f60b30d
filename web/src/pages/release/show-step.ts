/** Where one stands on the page: brings a step into sight, finds the next, and comes back to one after a decision. */
import { useRef } from 'preact/hooks'

export function showStep(id: string, event?: Event): void {
  event?.preventDefault()
  const place = document.getElementById(`step-${id}`)
  if (place === null) return
  place.scrollIntoView({ block: 'center' })
  place.focus({ preventScroll: true })
}

/** Steps as they stand on the page, top to bottom; `wanted` narrows them. */
export function neighbour(by: 1 | -1, wanted = '[data-step]'): string | null {
  const all = [...document.querySelectorAll<HTMLElement>(wanted)]
  const here = document.activeElement?.closest('[data-step]')
  const at = here === null || here === undefined ? -1 : all.findIndex((one) => one === here)
  if (at !== -1) return all[at + by]?.dataset['step'] ?? null
  // From somewhere else: the next one below, or above, the middle of the screen.
  const middle = window.innerHeight / 2
  const below = all.findIndex((one) => one.getBoundingClientRect().top > (by === 1 ? 150 : middle))
  const start = by === 1 ? below : (below === -1 ? all.length : below) - 1
  return all[Math.max(0, start)]?.dataset['step'] ?? null
}

export function focusedStep(): string | null {
  return document.activeElement?.closest<HTMLElement>('[data-step]')?.dataset['step'] ?? null
}

/** What was pressed may be gone once it is decided: the focus goes to its step then, or to the bar. */
export function useFocusBack(): { remember(step: string | null): void; giveBack(): void } {
  const from = useRef<string | null>(null)
  return {
    remember(step) {
      from.current = step ?? focusedStep()
    },
    giveBack() {
      const place = from.current === null ? '.bar' : `#step-${CSS.escape(from.current)}`
      // Behind the dialog's own giving back.
      requestAnimationFrame(() => document.querySelector<HTMLElement>(place)?.focus({ preventScroll: true }))
    },
  }
}

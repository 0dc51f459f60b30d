/** A page used by keys alone: what is pressed, and where the focus is, as somebody without a pointer sees it. */
import type { Page } from 'playwright-core'

const MOST_TABS = 80
const LOOK_EVERY_MS = 40
const PATIENCE_MS = 30_000

export interface Keyboard {
  press(...keys: readonly string[]): Promise<void>
  type(text: string): Promise<void>
  /** Tabs on until the focus is on what has this name or these words, and can be seen there. Throws with where it went instead. */
  tabTo(words: string): Promise<void>
  /** Where the focus is: its name or its words. */
  focused(): Promise<string>
  /** Waits until the focus is there by itself. */
  isOn(words: string): Promise<void>
}

export function byKeys(page: Page): Keyboard {
  const focused = () => page.evaluate<string>(FOCUSED)
  const keyboard: Keyboard = {
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key)
    },
    type: (text) => page.keyboard.type(text),
    focused,
    async tabTo(words) {
      const been: string[] = []
      for (let at = 0; at < MOST_TABS; at += 1) {
        const here = await focused()
        if (here.includes(words)) return seen(page, words)
        been.push(here)
        await page.keyboard.press('Tab')
      }
      throw new Error(`no way by Tab to "${words}", past: ${been.join(' | ')}`)
    },
    async isOn(words) {
      const deadline = Date.now() + PATIENCE_MS
      for (;;) {
        const here = await focused()
        if (here.includes(words)) return
        if (Date.now() > deadline) throw new Error(`the focus is on "${here}", not on "${words}"`)
        await page.waitForTimeout(LOOK_EVERY_MS)
      }
    },
  }
  return keyboard
}

/** A focus that is not shown might as well be nowhere. */
async function seen(page: Page, words: string): Promise<void> {
  const shown = await page.evaluate<boolean>(SHOWN)
  if (!shown) throw new Error(`the focus on "${words}" cannot be seen`)
}

const FOCUSED = `(() => {
  const here = document.activeElement
  if (here === null || here === document.body) return 'nothing'
  const label = here.getAttribute('aria-label') ?? [...(here.labels ?? [])].map((each) => each.textContent).join(' ')
  const isSmall = here.matches('a, button, summary, input, textarea, select, dialog')
  return (label || here.getAttribute('data-step') || (isSmall && here.textContent) || here.tagName).trim().slice(0, 200)
})()`

const SHOWN = `(() => {
  const here = document.activeElement
  const style = getComputedStyle(here)
  const box = here.getBoundingClientRect()
  const isInSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
  return isInSight && here.matches(':focus-visible') && (style.outlineStyle !== 'none' || style.boxShadow !== 'none')
})()`

/** Waits for what must come. How long it took is never judged; that it never came is. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Slow machines that do other work too: this is when a test gives up, not what it promises. */
export const patienceMs = 180_000

export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
  {
    everyMs = 50,
    withinMs = patienceMs,
    tell = () => '',
  }: { everyMs?: number; withinMs?: number; tell?: () => string } = {},
): Promise<T> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== false) return found
    if (performance.now() > giveUpAt) throw new Error(`never came: ${what}\n${tell()}`)
    await sleep(everyMs)
  }
}

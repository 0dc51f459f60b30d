/** The powers of a channel in tests: the real guard of outbound requests, a clock that does not wait. */
import type { Delivered, NotifyPowers } from '../core/ports/notify.ts'
import { createOutbound } from '../worker/outbound.ts'

const outbound = createOutbound()
const allowance = { rules: [{ host: '127.0.0.1', port: null, trust: 'literal' }], protected: true } as const

/** `slept` gets the milliseconds that were waited for. */
export function loopbackPowers(slept: number[] = []): NotifyPowers {
  return {
    signal: new AbortController().signal,
    clock: {
      now: () => 1_700_000_000_500,
      sleep: (ms) => {
        slept.push(ms)
        return Promise.resolve()
      },
    },
    root: '/nowhere',
    http: outbound.for(allowance),
    place: (url) => outbound.place(url, allowance),
    console: () => {},
  }
}

/** The word of proof of what was sent, whether or not something is kept with it. */
export function wordsOf(sent: string | Delivered): string {
  return typeof sent === 'string' ? sent : sent.say
}

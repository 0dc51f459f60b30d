/** Tells whoever pressed a button in Slack what came of it, at the address that came with the press, and nowhere else. */
import type { ApiDeps } from '../api/deps.ts'
import type { SlackSettings } from '../config/settings.ts'
import { createOutbound } from '../worker/outbound.ts'

const PATIENCE_MS = 10_000

export function slackAnswers(settings: SlackSettings | null, log: (line: string) => void): ApiDeps['slack'] {
  if (settings === null) return null
  const { hooks, signingSecret } = settings
  const { hostname, port } = new URL(hooks)
  const request = createOutbound().for({
    // This one host, as whoever runs the server named it.
    rules: [{ host: hostname, port: port === '' ? null : Number(port), trust: 'literal' }],
    protected: true,
  })
  return {
    signingSecret,
    tell: async (address, text) => {
      if (!address.startsWith(`${hooks}/`)) return log(`slack: an answer would have gone elsewhere than ${hooks}`)
      const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text })
      const headers = { 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(PATIENCE_MS)
      try {
        const { status } = await request(address, { method: 'POST', headers, body, signal, redirect: 'manual' })
        if (status !== 200) log(`slack: ${hostname} answered ${status} to what somebody was to be told`)
      } catch (cause) {
        log(`slack: what somebody was to be told did not arrive: ${cause instanceof Error ? cause.message : 'unknown'}`)
      }
    },
  }
}

/** Channel `webhook`: a JSON POST, signed in the form of standardwebhooks.com when a secret is given. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { defineNotifier, NotifyFault } from '../core/ports/notify.ts'
import { hostOf, isRetryableStatus, postPatiently } from './http/post.ts'

const config = z.strictObject({
  url: z.string().min(1).describe('Where to post'),
  secret: z
    .string()
    .min(8, { error: 'expected {{ secret.NAME }}, at least 8 characters' })
    .optional()
    .describe('Key of the HMAC-SHA256 signature; `{{ secret.NAME }}`'),
  headers: z.record(z.string(), z.string()).default({}).describe('More headers'),
})

export const webhook = defineNotifier({
  kind: 'webhook',
  summary: 'A JSON POST, signed with HMAC-SHA256',
  config,
  example:
    'channels:\n  deployments: { kind: webhook, url: https://hooks.example.com/releases, secret: "{{ secret.HOOK_KEY }}" }',
  render: ({ id, release, on, subject, body }) => JSON.stringify({ id, release, on, subject, body }),
  async send(rendered, message, given, powers) {
    const timestamp = String(Math.floor(powers.clock.now() / 1_000))
    // Receivers drop what they had already: the message of another release is none of that.
    const id = `${message.release}/${message.id}`
    const headers = {
      ...given.headers,
      'content-type': 'application/json',
      'idempotency-key': id,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(given.secret === undefined
        ? {}
        : { 'webhook-signature': signatureOf(given.secret, id, timestamp, rendered) }),
    }
    const { status } = await postPatiently(given.url, headers, rendered, powers)
    if (status >= 200 && status < 300) return `${status} from ${hostOf(given.url)}`
    throw new NotifyFault(`${hostOf(given.url)} answered ${status}`, {
      retryable: isRetryableStatus(status),
    })
  },
})

/** `v1,<base64>` over id, time and body: a receiver refuses what was changed, and what is too old. */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

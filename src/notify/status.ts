/** Channel `status`: the message is on our own public status page, which reads it from the record; nothing is sent anywhere. */
import { z } from 'zod'
import { defineNotifier } from '../core/ports/notify.ts'
import { publicTextOf, statusOf } from '../core/release/status-of.ts'

export const status = defineNotifier({
  kind: 'status',
  summary: "An entry on this server's public status page, where the organisation has one; always there as `status`",
  config: z.strictObject({}),
  example: 'channels:\n  public: { kind: status }',
  render: (message) => `${statusOf(message)}: ${message.subject}\n\n${publicTextOf(message, statusOf(message))}`,
  send: () => Promise.resolve('on the public status page, where there is one'),
  ask: () => Promise.resolve('is part of the server; nothing is sent'),
})

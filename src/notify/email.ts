/** Channel `email`: one mail per message, as text and HTML, through a mail server (SMTP). */
import { z } from 'zod'
import { defineNotifier } from '../core/ports/notify.ts'
import { composeMail, previewOf } from './mail/compose.ts'
import { askMailServer, deliverMail } from './mail/smtp.ts'

/** `ops@example.com` or `Ops team <ops@example.com>`; what is still to be filled in is looked at when it is. */
const address = z
  .string()
  .max(320)
  .regex(
    /^(?:[^,\r\n]*\{\{\s*[\w.-]+\s*\}\}[^,\r\n]*|(?:[\p{L}\p{N} ._'-]+ )?<[^\s<>@,;:"()[\]\\]+@[a-z0-9.-]+>|[^\s<>@,;:"()[\]\\]+@[a-z0-9.-]+)$/iu,
    {
      error: 'expected one address such as ops@example.com or Ops <ops@example.com>',
    },
  )

const config = z
  .strictObject({
    url: z
      .string()
      .regex(/^(?:smtps?:\/\/[^/?#\s@]+\/?|\S*\{\{\s*[\w.-]+\s*\}\}\S*)$/i, {
        error: 'expected a mail server such as smtp://mail.example.com:587 or smtps://mail.example.com',
      })
      .describe(
        'Mail server: `smtp://host:port` (587, with STARTTLS) or `smtps://host:port` (465, TLS from the start)',
      ),
    starttls: z
      .enum(['required', 'none'])
      .default('required')
      .describe('`none` for a relay without TLS at an `smtp://` address; a password is never sent to one'),
    user: z.string().min(1).optional().describe('Who signs in to the server'),
    password: z.string().min(1).optional().describe('The password of `user`; `{{ secret.NAME }}`'),
    from: address.describe('Sender: `releases@example.com` or `Releases <releases@example.com>`'),
    to: z.array(address).min(1).max(50).describe('Recipients'),
  })
  .superRefine(({ url, starttls, user, password }, context) => {
    const refuse = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if ((user === undefined) !== (password === undefined))
      refuse(user === undefined ? 'user' : 'password', 'expected user and password together, or neither')
    if (user !== undefined && starttls === 'none' && /^smtp:/i.test(url))
      refuse('starttls', 'expected required: a password is not sent without TLS')
  })

export const email = defineNotifier({
  kind: 'email',
  summary: 'A mail as text and HTML, through a mail server',
  config,
  example:
    'channels:\n  team: { kind: email, url: "smtp://mail.example.com:587", user: releases, password: "{{ secret.MAIL_PASSWORD }}", from: releases@example.com, to: [team@example.com] }',
  render: (message, { from, to }) => previewOf(composeMail(message, from, to)),
  send: (_rendered, message, given, powers) => deliverMail(composeMail(message, given.from, given.to), given, powers),
  ask: (given, powers) => askMailServer(given, powers),
})

/** A message as a mail: its headers, and its Markdown as text and as HTML. Pure; nothing in a message can become a header. */
import { createHash } from 'node:crypto'
import MarkdownIt from 'markdown-it'
import type { Message } from '../../core/ports/notify.ts'
import { oneLine, shortened, visibleText } from '../http/text.ts'

export interface ComposedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  /** The same for the same message: a mailbox shows a repeat once, and a person recognises it. */
  readonly messageId: string
  /** One for each release: mail programs show its messages as one conversation. */
  readonly references: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
}

const longestSubject = 200

/** HTML is shown as it is written, and no picture is fetched by whoever reads: it would tell a third party. */
const markdown = new MarkdownIt({ html: false, breaks: true }).disable('image')

export function composeMail(message: Message, from: string, to: readonly string[]): ComposedMail {
  const domain = domainOf(from)
  const text = visibleText(message.body).trimEnd()
  return {
    from,
    to,
    subject: shortened(oneLine(message.subject), longestSubject),
    messageId: `<holdpoint.${digest(message.release, message.id)}@${domain}>`,
    references: `<holdpoint.${digest(message.release)}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: `${text}\n`,
    html: `<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n${markdown.render(text)}</body></html>\n`,
  }
}

/** What is sent, as a person reads it before. */
export function previewOf({ from, to, subject, messageId, text }: ComposedMail): string {
  return [`From: ${from}`, `To: ${to.join(', ')}`, `Subject: ${subject}`, `Message-ID: ${messageId}`, '', text].join(
    '\n',
  )
}

function domainOf(address: string): string {
  return /@([^@<>\s]+)>?$/.exec(address)?.[1] ?? 'holdpoint.invalid'
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

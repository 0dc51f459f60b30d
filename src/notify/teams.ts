/** Channel `teams`: one adaptive card per message, posted to the webhook of a channel of Microsoft Teams. */
import { z } from 'zod'
import { defineNotifier, type Message, NotifyFault } from '../core/ports/notify.ts'
import { hostOf, isRetryableStatus, postPatiently } from './http/post.ts'
import { oneLine, piecesOf, shortened, visibleText } from './http/text.ts'

/** Teams takes 28 KB of JSON; what stands around the texts stays far below the rest. */
const limits = { subject: 300, piece: 3_000, bodyBytes: 20_000 } as const

const config = z.strictObject({
  url: z
    .string()
    .regex(/^(?:https?:\/\/\S+|.*\{\{.*\}\}.*)$/i, {
      error: 'expected the address of the webhook (https://…), as {{ secret.NAME }}: whoever has it can post',
    })
    .describe('Address of the webhook (workflow “when a webhook request is received”); `{{ secret.NAME }}`'),
})

export const teams = defineNotifier({
  kind: 'teams',
  summary: 'An adaptive card in a channel of Microsoft Teams',
  config,
  example: 'channels:\n  team: { kind: teams, url: "{{ secret.TEAMS_URL }}" }',
  render: (message) => JSON.stringify(cardMessageOf(message)),
  async send(rendered, _message, { url }, powers) {
    const answer = await postPatiently(url, { 'content-type': 'application/json' }, rendered, powers)
    const { status } = answer
    if (status < 200 || status > 299)
      throw new NotifyFault(`${hostOf(url)} answered ${status}`, { retryable: isRetryableStatus(status) })
    return proofOf(status, oneLine(await answer.text()), url)
  },
})

/** A workflow answers 202 and nothing; a connector answers 200 and `1`, or 200 with the words of what went wrong. */
function proofOf(status: number, words: string, url: string): string {
  if (status === 202 || words === '' || words === '1') return `${status} from ${hostOf(url)}`
  const inside = Number(/\bHTTP error (\d{3})\b/i.exec(words)?.[1] ?? 0)
  throw new NotifyFault(`${hostOf(url)} did not post it: ${shortened(words, 300)}`, {
    retryable: inside === 0 ? false : isRetryableStatus(inside),
  })
}

interface TextBlock {
  readonly type: 'TextBlock'
  readonly text: string
  readonly wrap: true
  readonly size?: 'Large' | 'Small'
  readonly weight?: 'Bolder'
  readonly isSubtle?: true
  readonly style?: 'heading'
}

function cardMessageOf(message: Message): object {
  const subject = oneLine(message.subject) || message.on
  const body = visibleText(message.body).trim()
  const [texts, isCut] = withinBytes(oneLine(body) === subject ? '' : body)
  const from = [...(isCut ? ['… the rest is too long for Teams'] : []), `${oneLine(message.release)} · ${message.on}`]
  const blocks: readonly TextBlock[] = [
    { ...block(literal(shortened(subject, limits.subject))), size: 'Large', weight: 'Bolder', style: 'heading' },
    ...texts.map(block),
    { ...block(literal(shortened(from.join(' · '), limits.subject))), size: 'Small', isSubtle: true },
  ]
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: blocks,
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
  return { type: 'message', attachments: [attachment] }
}

function block(text: string): TextBlock {
  return { type: 'TextBlock', text, wrap: true }
}

/** Text blocks read Markdown: in a subject, which is none, its marks are shown as they are. */
function literal(text: string): string {
  return text.replace(/[\\*_[\]`~]/g, '\\$&')
}

/** No picture is fetched by whoever reads, no person is called, and an address that is none is no link. */
function shownMarkdown(text: string): string {
  return text
    .replaceAll('![', '! [')
    .replace(/<(\/?)at\b/gi, '‹$1at')
    .replace(/\]\(\s*(?!https?:\/\/|mailto:)/gi, '] (')
}

/** As much as fits, counted as it stands in the JSON; whether something is missing. */
function withinBytes(text: string): readonly [texts: readonly string[], isCut: boolean] {
  for (let fitting = text; ; fitting = shortened(fitting, Math.floor(fitting.length * 0.8))) {
    const texts = piecesOf(fitting, limits.piece).map(shownMarkdown)
    if (Buffer.byteLength(JSON.stringify(texts.map(block))) <= limits.bodyBytes) return [texts, fitting !== text]
  }
}

/** The webhook of a Teams channel as Microsoft describes it: a workflow (202) or a connector (200 and words), for adaptive cards. */
import {
  limiting,
  objectIn,
  type Posted,
  type PostedAnswer,
  type PostedServer,
  startPostedServer,
} from './posted-server.ts'

export interface TeamsSettings {
  readonly kind?: 'workflow' | 'connector'
  readonly limited?: { readonly times: number; readonly seconds: string | null }
}

export interface Card {
  readonly type?: unknown
  readonly version?: unknown
  readonly body?: readonly { readonly type?: string; readonly text?: string }[]
}

export const teamsPath = '/workflows/0123456789abcdef/triggers/manual/paths/invoke?sig=s3cretSig'
const largest = 28 * 1024

export async function startTeams({
  kind = 'workflow',
  limited,
}: TeamsSettings = {}): Promise<PostedServer & { readonly cards: readonly Card[]; readonly hook: string }> {
  const cards: Card[] = []
  const limit = limiting(limited?.times ?? 0, limited?.seconds ?? null)
  const server = await startPostedServer((request) => limit() ?? answered(request, kind, cards))
  return { ...server, cards, hook: `${server.url}${teamsPath}` }
}

function answered(request: Posted, kind: 'workflow' | 'connector', cards: Card[]): PostedAnswer {
  if (request.path !== teamsPath) return { status: 401, body: '{"error":{"code":"DirectApiAuthorizationRequired"}}' }
  const why = whyNot(request)
  if (why !== null && kind === 'workflow') return { status: why[0], body: `{"error":{"message":"${why[1]}"}}` }
  if (why !== null)
    return { status: 200, body: `Webhook message delivery failed with error: HTTP error ${why[0]} ${why[1]}` }
  for (const { content } of attachmentsIn(request.body)) cards.push(content as Card)
  return kind === 'workflow' ? { status: 202, body: '' } : { status: 200, body: '1' }
}

interface Attachment {
  readonly contentType?: unknown
  readonly content?: unknown
}

function attachmentsIn(body: string): readonly Attachment[] {
  const attachments = objectIn(body)?.['attachments']
  return Array.isArray(attachments) ? (attachments as readonly Attachment[]) : []
}

function whyNot({ headers, body }: Posted): readonly [status: number, words: string] | null {
  if (headers['content-type'] !== 'application/json') return [415, 'Unsupported media type']
  if (Buffer.byteLength(body) > largest) return [413, 'Request entity too large']
  const message = objectIn(body)
  if (message === null) return [400, 'Bad payload received by generic incoming webhook.']
  const attachments = attachmentsIn(body)
  if (message['type'] !== 'message' || attachments.length === 0) return [400, 'Summary or Text is required.']
  return attachments.every(isCard) ? null : [400, 'Invalid adaptive card']
}

function isCard({ contentType, content }: Attachment): boolean {
  const { type, version, body } = (content ?? {}) as Card
  if (contentType !== 'application/vnd.microsoft.card.adaptive' || type !== 'AdaptiveCard') return false
  if (typeof version !== 'string' || !/^1\.[0-5]$/.test(version) || !Array.isArray(body)) return false
  return body.every(
    (block: { type?: string; text?: unknown }) => block.type === 'TextBlock' && typeof block.text === 'string',
  )
}

/** `reviews`: what was let through without a pass on a server, and that somebody else has looked at it. */
import { dateWords } from '../../report/words.ts'
import { change, printToldTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import { text } from '../values.ts'

interface ToldReview {
  readonly release: string
  readonly version: number
  readonly what: string
  readonly reason: string
  readonly by: string
  readonly due: number
  readonly overdue: boolean
  readonly closed: { readonly by: string; readonly at: number } | null
}

export const list: Run = async (context) => {
  const client = await context.client()
  const reviews = await client.ask<readonly ToldReview[]>('GET', '/v1/reviews')
  if (context.json) printJson(context, reviews)
  else if (reviews.length === 0) context.err('nothing was let through without a pass')
  else
    printToldTable(
      context,
      ['RELEASE', 'VERSION', 'REVIEW', 'WHO', 'WHAT AND WHY'],
      reviews.map((review) => ({
        cells: [
          review.release,
          String(review.version),
          stateWords(review),
          review.by,
          `${review.what}: ${review.reason}`,
        ],
      })),
    )
  return 0
}

function stateWords({ closed, overdue, due }: ToldReview): string {
  if (closed !== null) return `closed by ${closed.by}`
  return `${overdue ? 'OVERDUE since' : 'open until'} ${dateWords(due)}`
}

export const close: Run = (context, [release = '', given = ''], options) => {
  const version = versionOf(given)
  const path = `/v1/reviews/${segment(release)}/${version}/close`
  return change<ToldReview>(context, path, { note: text(options, 'note') ?? '' }, (review) => [
    `the review of ${review.release} version ${review.version} is closed`,
  ])
}

function versionOf(given: string): number {
  const version = Number(given)
  if (Number.isInteger(version) && version > 0) return version
  throw new UsageFault(
    `VERSION is "${given}", expected the number that \`holdpoint reviews\` shows, for example: holdpoint reviews close checkout-1.2.3 42 --note 'looked at the graphs, all fine'`,
  )
}

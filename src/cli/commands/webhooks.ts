/** `webhook`: addresses that hear of the releases of a project, and what became of what was sent to them. */
import { newsTopics } from '../../core/release/news.ts'
import { dateWords } from '../../report/words.ts'
import { change, printTable, segment } from '../ask-server.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { UsageFault } from '../faults.ts'
import type { Tone } from '../terminal/line.ts'
import { list as listed } from '../values.ts'

interface Webhook {
  readonly id: string
  readonly url: string
  readonly topics: readonly string[]
  readonly createdAt: number
  readonly createdBy: string
}
interface Delivery {
  readonly id: string
  readonly topic: string
  readonly release: string
  readonly state: 'waiting' | 'delivered' | 'given up'
  readonly tries: number
  readonly say: string
  readonly queuedAt: number
}

export const list: Run = async (context, [project = '']) => {
  const client = await context.client()
  const all = await client.ask<readonly Webhook[]>('GET', path(project))
  if (context.json) {
    printJson(context, all)
    return 0
  }
  if (all.length === 0)
    context.err(
      `nobody hears of ${project} yet; for example: holdpoint webhook add ${project} https://hooks.example.com`,
    )
  else
    printTable(
      context,
      ['WEBHOOK', 'ADDRESS', 'HEARS', 'SINCE', 'BY'],
      all.map(({ id, url, topics, createdAt, createdBy }) => ({
        cells: [id, url, topicWords(topics), dateWords(createdAt), createdBy],
      })),
    )
  return 0
}

/** Without topics it hears of everything: whoever wants less says what. */
export const add: Run = (context, [project = '', url = ''], options) => {
  const given = listed(options, 'on')
  const unknown = given.find((topic) => !(newsTopics as readonly string[]).includes(topic))
  if (unknown !== undefined)
    throw new UsageFault(
      `--on is "${unknown}", expected one of ${newsTopics.join(', ')}; for example --on release.started`,
    )
  const topics = given.length === 0 ? newsTopics : given
  return change<Webhook & { readonly secret: string }>(context, path(project), { url, topics }, (made) => [
    `${made.id} hears ${topicWords(topics)} of ${project} at ${made.url}`,
    'its receiver checks the signature with this secret, which is shown only now:',
    `  ${made.secret}`,
    `whether it arrives: holdpoint webhook deliveries ${project} ${made.id}`,
  ])
}

export const remove: Run = (context, [project = '', hook = '']) =>
  change(context, `${path(project)}/${segment(hook)}/remove`, {}, () => [
    `${hook} hears no more; what waited for it is dropped`,
  ])

export const deliveries: Run = async (context, [project = '', hook = '']) => {
  const client = await context.client()
  const all = await client.ask<readonly Delivery[]>('GET', `${path(project)}/${segment(hook)}/deliveries`)
  if (context.json) {
    printJson(context, all)
    return 0
  }
  if (all.length === 0) context.err('nothing was sent to it within a week, and nothing waits')
  else
    printTable(
      context,
      ['STATE', 'TOPIC', 'RELEASE', 'SINCE', 'FAILED', 'ANSWER'],
      all.map(({ state, topic, release, tries, queuedAt, say }) => ({
        cells: [state, topic, release, dateWords(queuedAt), String(tries), say],
        tone: toneOf[state],
      })),
    )
  return 0
}

const toneOf: Readonly<Record<Delivery['state'], Tone>> = { waiting: 'warn', delivered: 'dim', 'given up': 'bad' }

function topicWords(topics: readonly string[]): string {
  return topics.length === newsTopics.length ? 'everything' : topics.join(', ')
}

function path(project: string): string {
  return `/v1/projects/${segment(project)}/webhooks`
}

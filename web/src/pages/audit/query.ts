/** What is looked for, as it stands in the address of the page and in the question to the server. */
export interface Query {
  readonly stream: 'audit' | 'access' | 'releases'
  readonly by: string
  readonly what: string
  readonly place: string
  /** Days of the viewer's zone, `YYYY-MM-DD`; both are part of it. */
  readonly from: string
  readonly to: string
}

export const streams: readonly { readonly id: Query['stream']; readonly word: string; readonly says: string }[] = [
  { id: 'audit', word: 'Sign-ins and refusals', says: 'who came in, who was turned away, what was taken out' },
  { id: 'access', word: 'Rights', says: 'changes of people, roles, tokens, projects and checklists' },
  { id: 'releases', word: 'Releases', says: 'everything that happened in releases' },
]

const words = ['by', 'what', 'place', 'from', 'to'] as const

export function queryIn(search: string): Query {
  const given = new URLSearchParams(search)
  const stream = streams.find(({ id }) => id === given.get('stream'))?.id ?? 'audit'
  const [by = '', what = '', place = '', from = '', to = ''] = words.map((name) => given.get(name) ?? '')
  return { stream, by, what, place, from, to }
}

/** For the address of the page. */
export function addressOf(query: Query): string {
  const given = new URLSearchParams(query.stream === 'audit' ? [] : [['stream', query.stream]])
  for (const name of words) if (query[name] !== '') given.set(name, query[name])
  const text = given.toString()
  return text === '' ? '/audit' : `/audit?${text}`
}

/** For the server: days become instants. */
export function askedOf(query: Query): string {
  const asked = new URLSearchParams({ stream: query.stream })
  for (const name of ['by', 'what', 'place'] as const)
    if (query[name].trim() !== '') asked.set(name, query[name].trim())
  const [from, to] = [startOfDay(query.from, 0), startOfDay(query.to, 1)]
  if (from !== null) asked.set('from', String(from))
  if (to !== null) asked.set('to', String(to))
  return asked.toString()
}

/** null = no day. */
function startOfDay(text: string, daysLater: 0 | 1): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (found === null) return null
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number]
  const at = new Date(year, month - 1, day + daysLater).getTime()
  return Number.isFinite(at) ? at : null
}

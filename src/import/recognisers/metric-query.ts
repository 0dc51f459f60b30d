/** Queries for Prometheus in the text itself, with a limit behind them or in the words around them. */
import type { ImportItem, Recogniser } from '../item.ts'
import { durationOf } from '../joined/limits.ts'
import { finding } from '../reading/finding.ts'
import { isStep } from '../reading/place.ts'
import { quantitiesIn } from '../reading/quantities.ts'

const looksLikeQuery =
  /^(?:(?:sum|avg|min|max|count|rate|irate|increase|histogram_quantile|quantile|topk|absent|abs|round)\b[^`]*\(|[a-z_:][\w:]*\{)/i
const isQuery = /\[\d+[smhd]\]|\{[^}]*=~?\s*"|\bby\s*\(/
const ending = /\s*(<=?|>=?)\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%|ms|s)?\s*$/i

export const metricQuery: Recogniser = {
  name: 'metric-query',
  recognise: (item, around) => {
    const found = queryOf(item)
    if (!found || !(item.form === 'fence' || isStep(item, around))) return null
    const words = `${item.form === 'fence' ? (around.previous?.text ?? around.heading?.text ?? '') : ''} ${wordsOf(item)}`
    const limit = limitOf(found, words)
    const lasts = quantitiesIn(words).find(({ operator, sense }) => operator === 'eq' && sense === 'duration')
    const window = lasts ? durationOf(lasts.value, lasts.unit) : null
    const query = found.replace(ending, '')
    const info = ['```promql check on=metrics', ...(limit ? [limit] : []), ...(window ? [`for=${window}`] : [])].join(
      ' ',
    )
    return finding(item, around, {
      kind: 'metric-threshold',
      confidence: 0.88,
      params: { query },
      why: limit ? 'It is a query with a limit.' : 'It is a query; its limit has to be said.',
      proposal: limit ? { block: `${info}\n${query}\n\`\`\``, risk: 'reads' } : null,
    })
  },
}

function queryOf(item: ImportItem): string | null {
  if (item.fences.length > 0) {
    const fence = item.fences.find(({ info }) => /^(?:promql|prometheus)\b/i.test(info))
    const body = fence?.body.replace(/^\s*#.*$/gm, '').trim() ?? ''
    if (body !== '' && body.length < 2000 && !body.includes('```')) return body
  }
  const code = item.code.map((each) => each.trim()).find((each) => looksLikeQuery.test(each) && isQuery.test(each))
  return code !== undefined && code.length < 1000 ? code : null
}

/** The item's words without its code. */
function wordsOf({ marked, form, fences }: ImportItem): string {
  if (form === 'fence') return /#[^\n]*/.exec(fences[0]?.body ?? '')?.[0] ?? ''
  return marked.slice(0, 1000).replace(/`[^`]*`/g, ' ')
}

/** What must hold, from the end of the query or from the words; null = it is not said. */
function limitOf(query: string, words: string): string | null {
  const own = ending.exec(query)
  if (own) return `${own[1]?.startsWith('<') ? 'below' : 'above'}=${own[2] ?? ''}${own[3] ?? ''}`
  const said = quantitiesIn(words).find(
    ({ operator, unit }) => operator !== 'eq' && operator !== 'between' && /^(?:%|ms|s|)$/.test(unit),
  )
  if (!said) return null
  return `${said.operator.startsWith('l') ? 'below' : 'above'}=${said.value}${said.unit}`
}

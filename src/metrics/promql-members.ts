/** Asks which instances (or pods) the series of an arm come from. */
import type { MembersQuestion } from '../core/ports/metrics.ts'

/** String literals are passed over, so that braces in them begin nothing. A name is tried from its beginning only: long ones cost no square. */
const piece =
  /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`|((?<![A-Za-z0-9_:])[A-Za-z_:][A-Za-z0-9_:]*\s*\{(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`|[^{}"'`])*\})/g

/** The selectors of a query, such as `http_requests_total{version="1.0"}`. */
export function selectorsOf(query: string): readonly string[] {
  return [...query.matchAll(piece)].flatMap(([, selector]) => selector ?? [])
}

/** One value per member that had a sample between `from` and `to`; a reason where nothing can be asked. */
export function membersQuery({
  queries,
  labels,
  label,
  from,
  to,
}: MembersQuestion): { readonly query: string } | { readonly noData: string } {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)) return { noData: `"${label}" is no name of a label` }
  if (!(to > from)) return { noData: 'the time asked for has no length' }
  const named = new Set(Object.values(queries).flatMap(selectorsOf))
  const ofArm = [...named].filter((selector) => Object.keys(labels).every((each) => matchesOn(selector, each)))
  if (ofArm.length === 0) return { noData: 'the query names no series of the arm: write {{arm}} between its braces' }
  const windowMs = Math.ceil(to - from)
  const each = ofArm.map((selector) => `group by (${label}) (last_over_time(${selector}[${windowMs}ms]))`)
  return { query: each.join(' or ') }
}

function matchesOn(selector: string, label: string): boolean {
  return [...selector.matchAll(/[{,]\s*([A-Za-z_][A-Za-z0-9_]*)\s*=/g)].some(([, name]) => name === label)
}

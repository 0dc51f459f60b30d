/** Under which licence each package is, as license-checker, pip-licenses and cargo-license list it; SPDX expressions. */
import { ReportFault, readJson, textOf, treeOf, treesIn } from './fault.ts'

export interface LicensedPackage {
  readonly name: string
  readonly licence: string
}

export function readLicences(text: string): readonly LicensedPackage[] {
  const root = readJson(text)
  const listed = Array.isArray(root)
    ? treesIn(root, 'the report').map((one) => ({
        name: `${textOf(one['Name'] ?? one['name'])} ${textOf(one['Version'] ?? one['version'])}`.trim(),
        licence: textOf(one['License'] ?? one['license']).replaceAll('; ', ' AND '),
      }))
    : Object.entries(root).map(([name, value]) => {
        const licences = treeOf(value)?.['licenses'] ?? treeOf(value)?.['license']
        return { name, licence: Array.isArray(licences) ? licences.map(textOf).join(' AND ') : textOf(licences) }
      })
  if (listed.length === 0) throw new ReportFault('it lists no package')
  return listed
}

/** SPDX 2.3, annex D: AND binds before OR; an exception belongs to its licence. What cannot be read is not allowed. */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? []
  const at = { token: 0 }
  try {
    const answer = either(tokens, at, allowed)
    return answer && at.token === tokens.length
  } catch (fault) {
    if (fault instanceof ReportFault) return allowed.has(expression.toLowerCase())
    throw fault
  }
}

type Position = { token: number }

function either(tokens: readonly string[], at: Position, allowed: ReadonlySet<string>): boolean {
  let answer = both(tokens, at, allowed)
  while (tokens[at.token]?.toUpperCase() === 'OR') {
    at.token += 1
    const other = both(tokens, at, allowed)
    answer ||= other
  }
  return answer
}

function both(tokens: readonly string[], at: Position, allowed: ReadonlySet<string>): boolean {
  let answer = one(tokens, at, allowed)
  while (tokens[at.token]?.toUpperCase() === 'AND') {
    at.token += 1
    const other = one(tokens, at, allowed)
    answer &&= other
  }
  return answer
}

function one(tokens: readonly string[], at: Position, allowed: ReadonlySet<string>): boolean {
  const token = tokens[at.token]
  at.token += 1
  if (token === '(') {
    const answer = either(tokens, at, allowed)
    if (tokens[at.token] !== ')') throw new ReportFault('a bracket is not closed')
    at.token += 1
    return answer
  }
  if (token === undefined || token === ')' || /^(AND|OR|WITH)$/i.test(token))
    throw new ReportFault('a licence is missing')
  if (tokens[at.token]?.toUpperCase() !== 'WITH') return allowed.has(token.toLowerCase())
  const exception = tokens[at.token + 1]
  at.token += 2
  return allowed.has(`${token} with ${exception ?? ''}`.toLowerCase())
}

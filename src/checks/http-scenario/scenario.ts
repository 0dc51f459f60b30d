/** Reads the `.http` form: requests between `###`, with `# @expect`, `# @capture`, `# @poll` and the like above them. */
import { parseDuration } from '../../core/plan/duration.ts'
import { withoutSlots } from '../../core/plan/condition-slots.ts'
import { ownHeaders } from '../../core/plan/place-kinds.ts'
import { checkCondition, checkValue, pathsOf } from '../../core/plan/expression.ts'
import type { ConfigExpression } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'

export interface Scenario {
  readonly requests: readonly HttpRequest[]
}

export interface HttpRequest {
  /** `login`, or `request 2`. */
  readonly name: string
  /** Line of the request within the block, from 1. */
  readonly line: number
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | null
  readonly expects: readonly Expectation[]
  readonly captures: readonly Capture[]
  readonly poll: { readonly everyMs: Millis; readonly forMs: Millis } | null
  /** Runs at the end whatever happened before. */
  readonly cleanup: boolean
  readonly timeoutMs: Millis | null
  readonly redirect: 'follow' | 'manual'
}

export interface Expectation {
  /** As the author wrote it. */
  readonly text: string
  /** CEL over status, headers, body, text, time_ms, what earlier requests captured, and what the release knows. */
  readonly condition: string
  /** Within the block, from 1; 0 = nobody wrote it. */
  readonly line: number
}

export interface Capture {
  readonly name: string
  readonly from: string
  readonly line: number
}

export interface ScenarioProblem {
  readonly line: number
  readonly message: string
}

/** What `@expect` and `@capture` find in an answer, with CEL types. Where a release has the same name, the answer's wins. */
export const scenarioFacts = { status: 'int', headers: 'map', body: 'dyn', text: 'string', time_ms: 'double' } as const

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** `hasBase`: a request may be a path, which goes behind the address of a source. */
export function parseScenario(
  text: string,
  { hasBase = false } = {},
): {
  readonly scenario: Scenario
  readonly problems: readonly ScenarioProblem[]
} {
  const problems: ScenarioProblem[] = []
  const standing: StandingHeaders = new Map()
  const requests = sections(text)
    .map((section) => parseRequest(section, { problems, standing, hasBase }))
    .filter((request) => request !== null)
    .map((request, index) => ({ ...request, name: request.name === '' ? `request ${index + 1}` : request.name }))
  if (problems.length === 0 && !requests.some((request) => !request.cleanup)) {
    problems.push({ line: 1, message: 'expected at least one request, such as GET https://example.com/health' })
  }
  return { scenario: { requests }, problems }
}

interface Section {
  readonly firstLine: number
  readonly lines: readonly string[]
}

function sections(text: string): readonly Section[] {
  const found: { firstLine: number; lines: string[] }[] = [{ firstLine: 1, lines: [] }]
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.startsWith('###')) found.push({ firstLine: index + 2, lines: [] })
    else found.at(-1)?.lines.push(line)
  })
  return found
}

type Draft = { -readonly [K in keyof HttpRequest]: HttpRequest[K] } & {
  expects: Expectation[]
  captures: Capture[]
  /** `# @header`: for this request and those after it to the same place. */
  standing: [string, string][]
}

/** Headers that hold from the request on that names them, by the place they go to. */
type StandingHeaders = Map<string, readonly (readonly [string, string])[]>

interface Around {
  readonly problems: ScenarioProblem[]
  readonly standing: StandingHeaders
  readonly hasBase: boolean
}

function parseRequest(section: Section, { problems, standing, hasBase }: Around): HttpRequest | null {
  const draft: Draft = {
    name: '',
    line: section.firstLine,
    method: '',
    url: '',
    headers: [],
    body: null,
    expects: [],
    captures: [],
    poll: null,
    cleanup: false,
    timeoutMs: null,
    redirect: 'manual',
    standing: [],
  }
  const say = (offset: number, message: string): void =>
    void problems.push({ line: section.firstLine + offset, message })
  const start = section.lines.findIndex((line) => line.trim() !== '' && !isComment(line))
  section.lines
    .slice(0, start === -1 ? undefined : start)
    .forEach((line, offset) =>
      readDirective(line, section.firstLine + offset, draft, (message) => say(offset, message)),
    )
  if (start === -1) {
    if (section.lines.some((line) => /^\s*(?:#|\/\/)\s*@/.test(line)))
      say(0, 'expected a request under these lines, such as GET https://example.com/health')
    return null
  }
  readRequestLine(section.lines[start] ?? '', draft, hasBase, (message) => say(start, message))
  draft.line = section.firstLine + start
  const end = readHeaders(section.lines, start + 1, draft, say)
  const body = section.lines.slice(end).join('\n').trim()
  draft.body = body === '' ? null : body
  if (draft.body !== null && draft.method === 'GET')
    say(start, 'a GET has no body; expected POST, PUT or PATCH, or no text under the headers')
  if (!draft.expects.some((expectation) => pathsOf(expectation.condition).includes('status'))) {
    draft.expects.unshift({ text: 'status 200 to 299', condition: 'status >= 200 && status < 300', line: 0 })
  }
  const { standing: own, ...request } = draft
  return { ...request, headers: withStanding(request, own, standing) }
}

/** What the request says itself comes first. A header for one place is never sent to another. */
function withStanding(
  { url, headers }: Pick<HttpRequest, 'url' | 'headers'>,
  own: readonly (readonly [string, string])[],
  standing: StandingHeaders,
): HttpRequest['headers'] {
  const place = /^(?:\{\{[^}]*\}\}|https?:\/\/[^/?#]*)/i.exec(url)?.[0].toLowerCase() ?? ''
  const held = [...new Map([...(standing.get(place) ?? []), ...own])]
  if (own.length > 0) standing.set(place, held)
  return [...held.filter(([name]) => !headers.some(([said]) => said === name)), ...headers]
}

function isComment(line: string): boolean {
  return /^\s*(?:#|\/\/)/.test(line)
}

function readRequestLine(line: string, draft: Draft, hasBase: boolean, say: (message: string) => void): void {
  // From its end, one piece after the other: one pattern for all of it would try every blank of a long line.
  const words = line.trimEnd()
  const protocol = /[ \t]HTTP\/[\d.]+$/.exec(words)
  const asked = protocol === null ? words : words.slice(0, protocol.index).trimEnd()
  const found = /^([A-Za-z]+)[ \t]+(\S.*)$/.exec(asked)
  const method = found?.[1]?.toUpperCase() ?? ''
  if (!found || !methods.has(method))
    return say(`expected METHOD url, such as GET https://example.com/health, found "${line.slice(0, 80)}"`)
  draft.method = method
  draft.url = found[2] ?? ''
  if (/^https?:\/\/\S/i.test(draft.url) || draft.url.startsWith('{{') || (hasBase && isPath(draft.url))) return
  const path = isPath(draft.url) ? ', or on=NAME of a source of the kind http, behind whose address a path goes' : ''
  say(`expected an address with http:// or https://${path}, found "${draft.url.slice(0, 80)}"`)
}

/** `/orders`; `//other.example` is a host. */
export function isPath(url: string): boolean {
  return /^\/(?![/\\])/.test(url)
}

/** Headers up to an empty line; directives may stand among them. Returns where the body begins. */
function readHeaders(
  lines: readonly string[],
  from: number,
  draft: Draft,
  say: (offset: number, message: string) => void,
): number {
  const headers: [string, string][] = []
  draft.headers = headers
  let at = from
  for (; at < lines.length && lines[at]?.trim() !== ''; at += 1) {
    const line = lines[at] ?? ''
    const offset = at
    if (isComment(line)) {
      readDirective(line, draft.line + offset - from + 1, draft, (message) => say(offset, message))
      continue
    }
    const header = readHeader(line)
    if ('wrong' in header) say(offset, header.wrong)
    else headers.push(header.read)
  }
  return at
}

function readHeader(line: string): { readonly read: [string, string] } | { readonly wrong: string } {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim()
  if (colon <= 0 || !token.test(name))
    return { wrong: `expected a header such as accept: application/json, found "${line.slice(0, 80)}"` }
  if (ownHeaders.has(name.toLowerCase())) return { wrong: `${name} is set by the request itself; remove the line` }
  return { read: [name.toLowerCase(), line.slice(colon + 1).trim()] }
}

const directives = '@name, @expect, @capture, @poll, @cleanup, @timeout, @redirect, @header'

function readDirective(text: string, line: number, draft: Draft, say: (message: string) => void): void {
  const found = /^\s*(?:#|\/\/)\s*@([\w-]+)[ \t]*(.*)$/.exec(text)
  if (!found) return
  const [, word = '', rest = ''] = found
  const value = rest.trim()
  switch (word) {
    case 'name':
      if (!/^[\w-]+$/.test(value)) return say('expected a word, such as # @name login')
      draft.name = value
      return
    case 'expect':
      return readExpectation(value, line, draft, say)
    case 'capture':
      return readCapture(value, line, draft, say)
    case 'poll':
      return readPoll(value, draft, say)
    case 'cleanup':
      draft.cleanup = true
      return
    case 'timeout': {
      const timeout = parseDuration(value)
      if (!timeout.ok || timeout.value === 0) return say('expected a duration, such as # @timeout 5s')
      draft.timeoutMs = timeout.value
      return
    }
    case 'header': {
      const header = readHeader(value)
      if ('wrong' in header) return say(header.wrong)
      draft.standing.push(header.read)
      return
    }
    case 'redirect':
      if (value !== 'follow' && value !== 'manual') return say('expected # @redirect follow or # @redirect manual')
      draft.redirect = value
      return
    default:
      say(`unknown @${word}, expected one of ${directives}`)
  }
}

function readExpectation(value: string, line: number, draft: Draft, say: (message: string) => void): void {
  if (value === '') return say('expected a condition, such as # @expect status == 200')
  const unslotted = withoutSlots(value)
  if (unslotted !== null) return say(slotRefusal('expect', value, unslotted))
  const limit = /^time\s*(<=|>=|<|>)\s*(\S+)$/.exec(value)
  if (limit) {
    const duration = parseDuration(limit[2] ?? '')
    if (!duration.ok) return say('expected a duration, such as # @expect time < 500ms')
    draft.expects.push({ text: value, condition: `time_ms ${limit[1]} ${duration.value}`, line })
    return
  }
  const condition = value.replace(
    /(?<![\w.])header\(\s*(["'])([^"'\\]*)\1\s*\)/g,
    (_whole, _quote, name: string) => `headers[${JSON.stringify(name.toLowerCase())}]`,
  )
  const wrong = checkCondition(condition, anyNames(condition))
  if (wrong) return say(`@expect ${value}: found ${wrong.found}, expected ${wrong.expected}`)
  draft.expects.push({ text: value, condition, line })
}

/** Here only the answer's own names are known; those of the release are checked where a whole document is. */
function anyNames(expression: string): Readonly<Record<string, string>> {
  const named = pathsOf(expression).map((path) => [path.split('.')[0] ?? '', 'dyn'])
  return { ...Object.fromEntries(named), ...scenarioFacts }
}

function slotRefusal(word: string, value: string, unslotted: string): string {
  return `@${word} ${value}: {{ }} would be compared as text; names stand here by themselves: # @${word} ${unslotted}`
}

function readCapture(value: string, line: number, draft: Draft, say: (message: string) => void): void {
  const found = /^([A-Za-z_]\w*)\s*=\s*(\S.*)$/.exec(value)
  if (!found) return say('expected # @capture name = expression, such as # @capture id = body.id')
  const [, name = '', from = ''] = found
  const unslotted = withoutSlots(value)
  if (unslotted !== null) return say(slotRefusal('capture', value, unslotted))
  const checked = checkValue(from, anyNames(from))
  if ('found' in checked) return say(`@capture ${value}: found ${checked.found}, expected ${checked.expected}`)
  draft.captures.push({ name, from, line })
}

function readPoll(value: string, draft: Draft, say: (message: string) => void): void {
  const parts = new Map(value.split(/\s+/).map((part) => part.split('=', 2) as [string, string | undefined]))
  const every = parseDuration(parts.get('every') ?? '')
  const patience = parseDuration(parts.get('for') ?? '')
  if (!every.ok || !patience.ok || every.value <= 0 || parts.size !== 2) return say('expected # @poll every=2s for=30s')
  draft.poll = { everyMs: every.value, forMs: patience.value }
}

/** What a request's expressions may name of the scenario: the answer, and what requests before it captured. */
export function scenarioExpressions(scenario: Scenario): readonly ConfigExpression[] {
  const captured: Record<string, string> = {}
  const ordered = [
    ...scenario.requests.filter((request) => !request.cleanup),
    ...scenario.requests.filter((request) => request.cleanup),
  ]
  return ordered.flatMap((request) => {
    const facts = { ...captured, ...scenarioFacts }
    if (!request.cleanup) for (const { name } of request.captures) captured[name] = 'dyn'
    return [
      ...request.expects
        .filter(({ line }) => line > 0)
        .map(({ condition, line }) => expression(condition, 'condition', line, facts)),
      ...request.captures.map(({ from, line }) => expression(from, 'value', line, facts)),
    ]
  })
}

function expression(
  source: string,
  gives: ConfigExpression['gives'],
  line: number,
  facts: ConfigExpression['facts'],
): ConfigExpression {
  const example = gives === 'condition' ? '# @expect body.version == version' : '# @capture id = body.id'
  return { source, gives, setting: 'requests', line, facts, example }
}

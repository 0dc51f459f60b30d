/** Texts that try to be more than texts, in the place of PAYLOAD: no 5xx, no other answer than a harmless text gets, nothing given back as a page. */
import { z } from 'zod'
import { bytesOf, sizeField } from '../parts/fields.ts'
import {
  type Answer,
  type Asker,
  found,
  isFine,
  isNoAnswer,
  nothingWrong,
  sayLine,
  type Seen,
  together,
  undecided,
} from './asker.ts'
import { lineOf, type RequestLine, requestField, typeOf } from './request-line.ts'

export const payloadsField = z.strictObject({
  requests: z
    .array(
      requestField.refine((text) => text.includes('PAYLOAD'), {
        error: 'expected PAYLOAD in it, such as GET /search?q=PAYLOAD',
      }),
    )
    .min(1),
  token: z.string().min(1).optional().describe('Secret with a token for these requests'),
  harmless: z
    .array(z.number().int())
    .optional()
    .describe('What a harmless text gets, when that is neither 2xx, 3xx, 400 nor 422: [401] of a login'),
  oversize: sizeField.default('1MiB').describe('A text of this size has to be refused'),
})

const attacks: readonly (readonly [as: string, text: string])[] = [
  ['a quote', `holdpoint'`],
  ['SQL that ends a statement', `holdpoint'; SELECT 1 --`],
  ['SQL of a number', '1) OR (1=1'],
  ['a double quote', 'holdpoint"'],
  ['a script', '<script>holdpoint(7)</script>'],
  ['a picture with a script', `"><img src=x onerror=holdpoint(7)>`],
  ['a way to other files', '../../../../../../etc/passwd'],
  ['a NUL', 'hold\u0000point'],
  ['a line break of a header', 'holdpoint\r\nx-holdpoint: 7'],
]

const ofDatabases =
  /SQL syntax|SQLSTATE|syntax error at or near|unrecognized token|unterminated quoted|ORA-\d{5}|SQLITE_ERROR|near "[^"]{0,40}": syntax error|PSQLException|Unclosed quotation/i
const ofPrograms = /Traceback \(most recent call last\)|\n\s+at [^\n]{1,200}:\d+:\d+\)?|panic: runtime error/

export async function probePayloads(given: z.infer<typeof payloadsField>, asker: Asker): Promise<Seen> {
  const seen: Seen[] = []
  const token = given.token === undefined ? {} : { token: asker.secret(given.token) }
  for (const request of given.requests) {
    const line = lineOf(request)
    const put = (as: string, text: string): Promise<Answer> => {
      const filled = withText(line, text)
      return asker.ask(filled.line, { as, ...token, ...filled.body })
    }
    const harmless = await put('a harmless text', 'holdpoint')
    if (!isHarmless(harmless.status, given.harmless)) {
      seen.push(
        undecided(`${sayLine(line)} answers a harmless text with ${harmless.status}, so that nothing was tried`),
      )
      continue
    }
    for (const [as, text] of attacks) seen.push(judgeAnswer(await put(as, text), as, text, line))
    seen.push(await injection(line, harmless, put))
    seen.push(judgeAnswer(await asker.ask(...badBytes(line, token)), 'bytes that are no UTF-8', null, line))
    seen.push(await oversize(line, bytesOf(given.oversize), put))
  }
  return together(seen)
}

function isHarmless(status: number, expected: readonly number[] | undefined): boolean {
  if (expected !== undefined) return expected.includes(status)
  return (status >= 200 && status < 400) || status === 400 || status === 422
}

function judgeAnswer(answer: Answer, as: string, payload: string | null, line: RequestLine): Seen {
  const where = sayLine(line)
  if (answer.status >= 500) return found(`${where}: ${as} breaks it (${answer.status})`)
  if (answer.status === 429) return undecided(`${where}: ${as}: 429, a limit of requests came before`)
  if (ofDatabases.test(answer.text)) return found(`${where}: ${as} brings out words of the database`)
  if (ofPrograms.test(answer.text)) return found(`${where}: ${as} brings out the inside of the program`)
  if (answer.text.includes('root:x:0:0')) return found(`${where}: ${as} brings out a file of the machine`)
  if (answer.headers.get('x-holdpoint') !== null) return found(`${where}: ${as} sets a header of the answer`)
  if (payload?.includes('<') && isPage(answer) && answer.text.includes(payload))
    return found(`${where}: ${as} comes back as a part of the page`)
  return nothingWrong
}

/** What says nothing of its kind is taken for a page by browsers. */
function isPage({ headers }: Answer): boolean {
  const type = headers.get('content-type')
  return type === null ? headers.get('x-content-type-options') !== 'nosniff' : /html|xml/i.test(type)
}

/** A condition that is true gets another answer than a harmless text, and one that is false does not: the text was read as SQL. */
async function injection(
  line: RequestLine,
  harmless: Answer,
  put: (as: string, text: string) => Promise<Answer>,
): Promise<Seen> {
  for (const quote of [`'`, `"`]) {
    const yes = `holdpoint${quote} OR ${quote}1${quote}=${quote}1`
    const no = `holdpoint${quote} AND ${quote}1${quote}=${quote}2`
    const whenTrue = await put('SQL that is true', yes)
    const whenFalse = await put('SQL that is false', no)
    const plain = bare(harmless, 'holdpoint')
    if (isFine(whenTrue) && bare(whenTrue, yes) !== plain && bare(whenFalse, no) === plain)
      return found(`${sayLine(line)}: a text is read as SQL (a true condition gets another answer than a false one)`)
  }
  return nothingWrong
}

/** An answer without what was asked, in the codings in which answers repeat it. */
function bare({ status, text }: Answer, payload: string): string {
  const codings = [payload, JSON.stringify(payload).slice(1, -1), encodeURIComponent(payload), ...entities(payload)]
  return `${status} ${codings.reduce((rest, coding) => rest.replaceAll(coding, ''), text)}`
}

function entities(text: string): readonly string[] {
  return ['&#39;', '&#x27;', '&apos;'].map((quote) => text.replaceAll(`'`, quote).replaceAll('"', '&quot;'))
}

async function oversize(
  line: RequestLine,
  size: number,
  put: (as: string, text: string) => Promise<Answer>,
): Promise<Seen> {
  const as = `a text of ${size} bytes`
  try {
    const { status } = await put(as, 'x'.repeat(size))
    if (status >= 500) return found(`${sayLine(line)}: ${as} breaks it (${status})`)
    return status >= 400 ? nothingWrong : found(`${sayLine(line)}: ${as} is accepted (${status}), expected 413`)
  } catch (fault) {
    if (!isNoAnswer(fault)) throw fault
    // Closing the door before all has come in is a refusal, of somebody who is still at home afterwards.
    const { status } = await put(`a harmless text after ${as}`, 'holdpoint')
    return status < 500 ? nothingWrong : found(`${sayLine(line)}: after ${as} it answers ${status}`)
  }
}

function withText(
  line: RequestLine,
  text: string,
): { readonly line: RequestLine; readonly body: { readonly body?: string } } {
  const path = line.path.replaceAll('PAYLOAD', () => encodeURIComponent(text))
  if (line.body === null) return { line: { ...line, path }, body: {} }
  const isJson = typeOf(line.body) === 'application/json'
  const inBody = isJson ? JSON.stringify(text).slice(1, -1) : encodeURIComponent(text)
  return { line: { ...line, path }, body: { body: line.body.replaceAll('PAYLOAD', () => inBody) } }
}

function badBytes(line: RequestLine, token: { readonly token?: string }): Parameters<Asker['ask']> {
  const as = 'bytes that are no UTF-8'
  const there = { ...line, path: line.path.replaceAll('PAYLOAD', '%ff%fe%c0%af') }
  if (line.body === null) return [there, { as, ...token }]
  const [first = '', ...rest] = line.body.split('PAYLOAD')
  const bytes = rest.flatMap((piece) => [Buffer.from([0xff, 0xfe, 0xc0, 0xaf]), Buffer.from(piece)])
  return [there, { as, ...token, body: Buffer.concat([Buffer.from(first), ...bytes]) }]
}

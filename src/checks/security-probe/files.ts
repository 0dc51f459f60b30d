/** What is handed out and taken in: signed links that end and hold what they sign, and uploads that are scanned. */
import { z } from 'zod'
import { durationField, fill, millisOf } from '../parts/fields.ts'
import { acceptance, type Asker, isFine, refusal, sayLine, type Seen, together, undecided } from './asker.ts'
import { lineOf, requestField } from './request-line.ts'

const address = z.string().regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address, such as {{ link }}' })

export const linkField = z.strictObject({
  url: address.describe('A link that works now, such as {{ link }} of a step before'),
  expired: address.optional().describe('A link that did work'),
  lives: durationField.optional().describe('It is tried again after this time, and has to be refused'),
})

export const uploadField = z.strictObject({
  request: requestField,
  field: z
    .string()
    .regex(/^[\w-]+$/, { error: 'expected the name of a field, such as file' })
    .default('file'),
  token: z.string().min(1).optional(),
})

const refused = [400, 401, 403, 404, 410]

export async function probeLink(
  given: z.infer<typeof linkField>,
  variables: Readonly<Record<string, string>>,
  asker: Asker,
): Promise<Seen> {
  const url = fill(given.url, variables)
  const seen = [acceptance(await asker.open(url, { as: 'as it was signed' }), 'the signed link')]
  for (const { as, url: other } of changedLinks(url))
    seen.push(refusal(await asker.open(other, { as }), refused, `the signed link ${as}`))
  if (given.expired !== undefined)
    seen.push(
      refusal(await asker.open(fill(given.expired, variables), { as: 'long over' }), refused, 'the expired link'),
    )
  if (given.lives !== undefined) {
    await asker.sleep(millisOf(given.lives) + 1_000)
    seen.push(
      refusal(await asker.open(url, { as: `after ${given.lives}` }), refused, `the signed link after ${given.lives}`),
    )
  }
  return together(seen)
}

/** One value of its query after the other: a link that does not hold all of them signs nothing. */
export function changedLinks(url: string): readonly { readonly as: string; readonly url: string }[] {
  const names = [...new URL(url).searchParams.keys()]
  const changed = names.map((name) => {
    const other = new URL(url)
    other.searchParams.set(name, otherValue(other.searchParams.get(name) ?? ''))
    return { as: `with another ${name}`, url: other.href }
  })
  const bare = new URL(url)
  bare.search = ''
  return [{ as: 'without its query', url: bare.href }, ...changed]
}

/** A number becomes greater, as whoever wants to live longer would do. */
function otherValue(value: string): string {
  if (/^\d{1,15}$/.test(value)) return String(Number(value) + 86_400)
  return `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`
}

/** The text by which scanners of malware are tested; in pieces, so that none of them stops this file. */
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')

export async function probeUpload(given: z.infer<typeof uploadField>, asker: Asker): Promise<Seen> {
  const line = lineOf(given.request)
  const token = given.token === undefined ? {} : { token: asker.secret(given.token) }
  const send = (as: string, content: string): ReturnType<Asker['ask']> => {
    const headers = { 'content-type': 'multipart/form-data; boundary=holdpoint' }
    return asker.ask(line, { as, headers, body: form(given.field, content), ...token })
  }
  const clean = await send('with a clean file', 'holdpoint')
  if (!isFine(clean)) return undecided(`${sayLine(line)} refuses a clean file as well (${clean.status})`)
  const infected = await send('with the test file of scanners', eicar)
  return refusal(
    infected,
    [400, 403, 406, 409, 415, 422, 451],
    `${sayLine(line)} with the test file of malware scanners`,
  )
}

function form(field: string, content: string): string {
  return `--holdpoint\r\ncontent-disposition: form-data; name="${field}"; filename="holdpoint.txt"\r\ncontent-type: text/plain\r\n\r\n${content}\r\n--holdpoint--\r\n`
}

/** Where settings come from: files, one over the other, or an address that tells them. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Json } from '../../core/units.ts'
import { ConfigFault, fill, pathUnder } from '../parts/fields.ts'
import { filledUrl, putter } from '../parts/filled.ts'
import { filesNamed } from '../parts/files-named.ts'
import { readText } from '../parts/read-text.ts'
import { type Format, formatOf, isFields, merged, readSettings, settingAt } from './settings.ts'

export const mostFiles = 500

export interface Gathered {
  readonly tree: Json
  readonly problems: readonly string[]
  readonly isText: boolean
  /** Each by itself, for what is said of one. */
  readonly parts: readonly { readonly name: string; readonly tree: Json }[]
}

/** How an address tells a list of flags: `{ at: features, name: name, value: enabled }`. */
export interface ListShape {
  readonly at?: string | undefined
  readonly name: string
  readonly value: string
}

export async function fromFiles(
  patterns: readonly string[],
  given: { readonly format?: Format | undefined; readonly joined: boolean },
  powers: CheckPowers,
): Promise<Gathered> {
  const parts: { name: string; tree: Json }[] = []
  const problems: string[] = []
  let isText = false
  for (const pattern of patterns) {
    const names = await filesNamed(pattern, powers, mostFiles)
    if (names.length === 0) problems.push(`there is no ${fill(pattern, powers.variables)}`)
    for (const name of names) {
      powers.signal.throwIfAborted()
      const read = await readOne(name, given.format, powers)
      parts.push({ name, tree: read.tree })
      problems.push(...read.problems)
      isText ||= read.isText
    }
  }
  const tree = parts.reduce<Json>((before, one) => merged(before, one.tree, given.joined), {})
  return { tree, problems, isText, parts }
}

/** A name that was found, or of which somebody knows that it is there: nothing in it is a variable. */
async function readOne(
  name: string,
  format: Format | undefined,
  { root }: CheckPowers,
): Promise<ReturnType<typeof readSettings>> {
  const its = format ?? formatOf(name)
  if (its === null) throw new ConfigFault(`nobody can tell what kind of file ${name} is; say format: yaml`)
  return readSettings(name, await readText({ root, variables: {} }, name), its)
}

/** What the settings are compared with. Throws ConfigFault where it cannot be read: that says nothing about the settings. */
export async function declaredIn(path: string, powers: CheckPowers): Promise<Gathered> {
  const read = await fromFiles([path], { joined: false }, powers)
  if (read.problems.length > 0) throw new ConfigFault(read.problems[0] ?? '')
  return read
}

/** `.env` beside a compose file is read without being asked for, as compose does. */
export async function variablesOf(paths: readonly string[] | undefined, powers: CheckPowers): Promise<Gathered> {
  const isThere = paths !== undefined || (await pathUnder({ root: powers.root, variables: {} }, '.env')) !== null
  return fromFiles(isThere ? (paths ?? ['.env']) : [], { format: 'env', joined: false }, powers)
}

export async function fromAddress(
  given: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly list?: ListShape | undefined
  },
  powers: CheckPowers,
): Promise<Gathered> {
  const put = putter(powers)
  const url = filledUrl(given.url, put)
  const headers = Object.fromEntries(
    Object.entries(given.headers).map(([name, value]) => [name.toLowerCase(), put(value, 'none')]),
  )
  const answer = await powers.http(url, {
    method: 'GET',
    headers: { accept: 'application/json', ...headers },
    signal: powers.signal,
  })
  const { host } = new URL(url)
  if (answer.status !== 200) throw new ConfigFault(`${host} answers ${answer.status}, expected 200 and JSON`)
  const read = readSettings(host, await answer.text(), 'json')
  if (read.problems.length > 0) throw new ConfigFault(`the answer of ${host} is no JSON`)
  const tree = given.list === undefined ? read.tree : mapOf(read.tree, given.list, host)
  return { tree, problems: [], isText: false, parts: [{ name: host, tree }] }
}

function mapOf(tree: Json, { at, name, value }: ListShape, host: string): Json {
  const list = at === undefined ? tree : settingAt(tree, at)
  if (!Array.isArray(list)) throw new ConfigFault(`${host} tells no list${at === undefined ? '' : ` at ${at}`}`)
  const entries = list.map((one) => {
    const key = isFields(one) ? settingAt(one, name) : undefined
    const said = isFields(one) ? settingAt(one, value) : undefined
    if (typeof key !== 'string' || said === undefined)
      throw new ConfigFault(`one of the list of ${host} has no ${typeof key === 'string' ? value : name}`)
    return [key, said] as const
  })
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) !== index)
  if (twice !== undefined) throw new ConfigFault(`${host} tells ${twice[0]} twice`)
  return Object.fromEntries(entries)
}

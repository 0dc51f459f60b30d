/** The migrations that a folder holds, in the order in which they run, with the way back that stands beside each. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { CheckPowers } from '../../core/ports/check.ts'
import { ConfigFault, fill, pathUnder } from '../parts/fields.ts'
import { readText } from '../parts/read-text.ts'
import { alembicIn } from './alembic.ts'
import type { Danger } from './danger.ts'

export const layouts = ['prisma', 'sqlx', 'flyway', 'alembic', 'plain'] as const
export type Layout = (typeof layouts)[number]

export interface Migration {
  /** As people call it: the folder, or the file without its ending. */
  readonly name: string
  /** As the table of what ran names it. */
  readonly key: string
  readonly script: string
  /** The script of the way back; null = there is none. */
  readonly back: string | null
  /** Of the script, as the tool of this layout reckons it; null = it keeps none. */
  readonly checksum: string | null
  /** Runs again whenever it changes. */
  readonly repeats: boolean
  /** What speaks against it where its script is no SQL; absent = the script says so itself. */
  readonly dangers?: readonly Danger[]
  /** Keys of those it comes after, in a layout where each names them. */
  readonly parents?: readonly string[]
  /** Keys of others that have to be there before it. */
  readonly needs?: readonly string[]
}

/** Layouts whose files are SQL. */
type SqlFiles = Exclude<Layout, 'prisma' | 'alembic'>

type Reader = Pick<CheckPowers, 'root' | 'variables'>

/** Throws ConfigFault where there is no such folder, or nothing in it is a migration of this layout. */
export async function migrationsIn(folder: string, layout: Layout, reader: Reader): Promise<readonly Migration[]> {
  const path = await pathUnder(reader, folder)
  const name = fill(folder, reader.variables)
  if (path === null) throw new ConfigFault(`there is no folder ${name}`)
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries
    .filter((entry) => (layout === 'prisma' ? entry.isDirectory() : entry.name.endsWith(endings[layout])))
    .map((entry) => entry.name)
  const read = (file: string): Promise<string> => readText(reader, `${folder.replace(/\/+$/, '')}/${file}`)
  const found = await foundIn(names, layout, read)
  if (found.length === 0) throw new ConfigFault(`${name} has no migration as ${layout} names them: ${shapes[layout]}`)
  const twice = found.find(({ key }, index) => found.findIndex((other) => other.key === key) !== index)
  if (twice) throw new ConfigFault(`${name} has two migrations ${twice.key}`)
  return found
}

const endings: Readonly<Record<Exclude<Layout, 'prisma'>, string>> = {
  sqlx: '.sql',
  flyway: '.sql',
  plain: '.sql',
  alembic: '.py',
}

function foundIn(
  names: readonly string[],
  layout: Layout,
  read: (file: string) => Promise<string>,
): Promise<readonly Migration[]> {
  if (layout === 'alembic') return alembicIn(names, read)
  return layout === 'prisma' ? prisma(names, read) : files(names, layout, read)
}

const shapes: Readonly<Record<Layout, string>> = {
  prisma: '20260301120000_add_note/migration.sql',
  sqlx: '20260301120000_add_note.up.sql or 20260301120000_add_note.sql',
  flyway: 'V3__add_note.sql',
  alembic: 'versions/3f2a9c_add_note.py with revision and down_revision',
  plain: '003_add_note.sql or 003_add_note.up.sql',
}

const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

async function prisma(names: readonly string[], read: (file: string) => Promise<string>): Promise<Migration[]> {
  const folders = names.filter((name) => /^\d/.test(name)).toSorted(byCode)
  return Promise.all(
    folders.map(async (name) => {
      const script = await read(`${name}/migration.sql`)
      const back = await read(`${name}/down.sql`).catch(none)
      return { name, key: name, script, back, checksum: digest('sha256', script), repeats: false }
    }),
  )
}

function none(fault: unknown): null {
  if (fault instanceof ConfigFault && fault.message.startsWith('there is no file')) return null
  throw fault
}

async function files(
  names: readonly string[],
  layout: SqlFiles,
  read: (file: string) => Promise<string>,
): Promise<Migration[]> {
  const forward = names.flatMap((file) => readers[layout](file) ?? []).toSorted((a, b) => inOrder(a.key, b.key))
  return Promise.all(
    [...forward.filter((each) => !each.repeats), ...forward.filter((each) => each.repeats)].map(
      async ({ file, key, name, repeats, backFile }) => {
        const whole = await read(file)
        const both = layout === 'plain' ? halves(whole) : null
        const back = both?.back ?? (names.includes(backFile) ? await read(backFile) : null)
        return { name, key, script: both?.script ?? whole, back, checksum: checksumOf(layout, whole), repeats }
      },
    ),
  )
}

interface Named {
  readonly file: string
  readonly key: string
  readonly name: string
  readonly repeats: boolean
  readonly backFile: string
}

/** Null = the file is no migration that goes forward. */
const readers: Readonly<Record<SqlFiles, (file: string) => Named | null>> = {
  sqlx: (file) => {
    const [, version, rest, up = ''] = /^0*(\d+)(_.*?)(\.up)?\.sql$/.exec(file) ?? []
    if (version === undefined || rest === undefined || rest.endsWith('.down')) return null
    const stem = file.slice(0, -`${up}.sql`.length)
    return { file, key: version, name: stem, repeats: false, backFile: `${stem}.down.sql` }
  },
  flyway: (file) => {
    const [, version, described] = /^V(\d[\d._]*?)__(.*)\.sql$/.exec(file) ?? []
    const name = file.slice(0, -'.sql'.length)
    if (version !== undefined)
      return { file, key: flywayVersion(version), name, repeats: false, backFile: `U${version}__${described}.sql` }
    return /^R__.+\.sql$/.test(file) ? { file, key: file, name, repeats: true, backFile: '' } : null
  },
  plain: (file) => {
    const [, stem] = /^(.+?)(?:\.up)?\.sql$/.exec(file) ?? []
    if (stem === undefined || stem.endsWith('.down')) return null
    return { file, key: stem, name: stem, repeats: false, backFile: `${stem}.down.sql` }
  },
}

/** `1_2` and `1.02` are version 1.2. */
export function flywayVersion(text: string): string {
  return text
    .replaceAll('_', '.')
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''))
    .join('.')
}

/** Numbers at the beginning by their size, everything else by its letters. */
export function inOrder(one: string, other: string): number {
  const numbers = [one, other].map((key) => (/^[\d.]+/.exec(key)?.[0] ?? '').split('.').filter((part) => part !== ''))
  const [first = [], second = []] = numbers
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const [a, b] = [first[index], second[index]]
    if (a === undefined || b === undefined) break
    const difference = BigInt(a) - BigInt(b)
    if (difference !== 0n) return difference < 0n ? -1 : 1
  }
  return first.length === second.length ? byCode(one, other) : first.length - second.length
}

function byCode(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** dbmate and goose keep both ways in one file, behind lines of their own. */
function halves(whole: string): { readonly script: string; readonly back: string } | null {
  const cut = /^--[ \t]*(?:migrate:down|\+\w+[ \t]+Down)\b.*$/im.exec(whole)
  if (cut === null) return null
  return { script: whole.slice(0, cut.index), back: whole.slice(cut.index + cut[0].length) }
}

function checksumOf(layout: SqlFiles, script: string): string | null {
  if (layout === 'sqlx') return digest('sha384', script)
  if (layout === 'flyway') return String(flywayChecksum(script))
  return null
}

/** CRC-32 over its lines without their ends, as a signed number of 32 bits. */
function flywayChecksum(script: string): number {
  const text = script.replace(/^\ufeff/, '')
  const lines = text.split(/\r\n|\r|\n/)
  return crc32(Buffer.from(lines.join(''), 'utf8')) | 0
}

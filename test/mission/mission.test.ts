/**
 * What five real teams want a machine to do can be written down: each of their requirements that can be automated whole is
 * one short block in one of these checklists, which all compile. The requirements lie beside the repository.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/app/app.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { areThere, catalogue, seedsFolder, type Catalogued } from '../corpus/documents.ts'
import { marksOf } from './marks.ts'

interface Requirement extends Catalogued {
  readonly kind: string
  readonly also_kinds: readonly string[]
  readonly integration: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  readonly class: string
  readonly automatable: string
}

/** Lines of a block that is still short: what somebody reads at one glance. */
const SHORT_LINES = 16

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.md'))
/** Requirements that no block says yet, by the letter of their document: id and reason. */
const absent = Object.assign({}, ...readdirSync(join(import.meta.dirname, 'absent')).map(absentIn)) as Readonly<
  Record<string, string>
>
const marks = files.flatMap((file) =>
  marksOf(readFileSync(join(import.meta.dirname, file), 'utf8')).map((mark) => ({ ...mark, file })),
)

describe('the checklists of the mission', () => {
  test.for(files)('%s compiles', (file) => {
    const { problems } = compile({ file, bytes: readFileSync(join(import.meta.dirname, file)), shared: null }, kinds())
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  })

  test('each mark stands above a block, and the block is short', () => {
    const poor = marks.filter(({ by, body }) => by === null || body.length > SHORT_LINES)
    expect(poor.map(({ file, line, id }) => `${file}:${line} ${id}`)).toEqual([])
  })
})

describe.skipIf(!areThere(seedsFolder))('the requirements that can be automated whole', () => {
  const wanted = (catalogue() as readonly Requirement[]).filter(
    (one) => one.automatable === 'full' && one.class === 'requirement',
  )
  const byId = new Map(wanted.map((one) => [one.id, one]))
  const written = new Set(marks.map(({ id }) => id))

  test('each is a block, or stands among those that are not there yet, with the reason', () => {
    const missing = wanted.filter(({ id }) => !written.has(id)).map(({ id }) => id)
    process.stdout.write(`${countedByKind(wanted, written)}\n`)
    expect(missing.toSorted()).toEqual(Object.keys(absent).toSorted())
    expect(Object.values(absent).filter((reason) => reason.length < 20)).toEqual([])
  })

  test('each mark names one of them', () => {
    expect(marks.filter(({ id }) => !byId.has(id)).map(({ file, line, id }) => `${file}:${line} ${id}`)).toEqual([])
  })

  test('a plain command stands only where the team itself names a command', () => {
    const lazy = marks.filter(
      ({ id, by }) => by !== null && /^(?:sh|bash|python|node) /.test(by) && !isForShell(byId.get(id)),
    )
    expect(lazy.map(({ file, line, id, by }) => `${file}:${line} ${id} ${by}`)).toEqual([])
  })

  test('the numbers of a requirement stand in its block', () => {
    const lost = marks.flatMap(({ id, file, line, body }) => {
      const text = body.join('\n')
      const numbers = numbersIn(byId.get(id)?.params).filter((number) => !hasNumber(text, number))
      return numbers.length === 0 ? [] : [`${file}:${line} ${id} without ${numbers.join(', ')}`]
    })
    expect(lost).toEqual([])
  })
})

function absentIn(file: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'absent', file), 'utf8'))
}

function isForShell(requirement: Requirement | undefined): boolean {
  return [requirement?.kind, ...(requirement?.also_kinds ?? []), ...(requirement?.integration ?? [])].some(
    (name) => name === 'command' || name === 'shell' || name === 'rollback-step',
  )
}

/** What counts the lines of a document and not anything that is asked. */
const ofTheText = new Set(['commands', 'steps', 'step', 'children'])

/** Values that a limit or an amount is made of; 0 and 1 say themselves ("no failure", "one of it"). */
function numbersIn(value: unknown): readonly string[] {
  if (typeof value === 'number') return value === 0 || value === 1 ? [] : [String(value)]
  if (typeof value === 'string') return /^[<>=]*\s*(\d+(?:\.\d+)?)\s*(?:%|ms|s|m|h|d|min)?$/.exec(value)?.slice(1) ?? []
  if (Array.isArray(value)) return value.flatMap(numbersIn)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => (ofTheText.has(name) ? [] : numbersIn(inner)))
  return []
}

function hasNumber(text: string, number: string): boolean {
  return text.split(/[^\d.]+/).some((found) => found !== '' && Number(found) === Number(number))
}

/** One line a kind: how many can be written, of how many. */
function countedByKind(wanted: readonly Requirement[], written: ReadonlySet<string>): string {
  const kindsOfAll = [...new Set(wanted.map(({ kind }) => kind))].toSorted()
  const rows = kindsOfAll.map((kind) => {
    const ofKind = wanted.filter((one) => one.kind === kind)
    return `${kind.padEnd(20)}${ofKind.filter(({ id }) => written.has(id)).length} of ${ofKind.length}`
  })
  return [...rows, `${'all'.padEnd(20)}${wanted.filter(({ id }) => written.has(id)).length} of ${wanted.length}`].join(
    '\n',
  )
}

/** What no body may carry, into any route that takes one: made from the description, so that a new route is in it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessStream } from '../core/access/access.ts'
import { examplePlan, startExample, world, type World } from './test-support/world.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

interface Taker {
  readonly name: string
  readonly path: string
  readonly schema: Schema
}

/** Written by others, in a form of theirs: read field by field, and what is not known is left alone. */
const formsOfOthers = new Set(['POST /v1/gates/github', 'POST /v1/gates/flagger/{hook}'])

let at: World
let takers: readonly Taker[]
let named: Readonly<Record<string, Schema>>

beforeAll(async () => {
  at = world(examplePlan())
  const by = { id: 'setup', kind: 'engine', assurance: 'engine' } as const
  const events = [
    { kind: 'OrganisationCreated', organisation: 'acme', name: 'Acme' },
    { kind: 'ProjectCreated', project: 'shop', organisation: 'acme', name: 'Shop' },
  ].map((event) => ({ at: 1, by, event }))
  await at.store.append({ streams: [{ stream: accessStream, expectedVersion: 0, events }] })
  const release = await startExample(at)
  const description = (await (await at.request('GET', '/openapi.json')).json()) as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>
    components: { schemas: Record<string, Schema> }
  }
  named = description.components.schemas
  takers = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema
      const real = path
        .replace('/releases/{id}', `/releases/${release}`)
        .replace('{version}', '1')
        .replaceAll(/\{\w+\}/g, 'shop')
      return schema === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, path: real, schema }]
    }),
  )
  expect(takers.length).toBeGreaterThan(20)
})

afterAll(() => at.end())

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : resolved(named[schema.$ref.split('/').at(-1) ?? ''] ?? {})
}

/** Every form of object that may stand in a body, with where it stands. */
function objectsIn(given: Schema, where: string, seen: ReadonlySet<Schema> = new Set()): [string, Schema][] {
  const schema = resolved(given)
  if (seen.has(schema)) return []
  const deeper = new Set([...seen, schema])
  const below = [
    ...Object.entries(schema.properties ?? {}).map(([name, each]) => [`${where}.${name}`, each] as const),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].map(
      (each) => [where, each] as const,
    ),
    ...(schema.items === undefined ? [] : [[`${where}[]`, schema.items] as const]),
    ...(typeof schema.additionalProperties === 'object' ? [[`${where}.*`, schema.additionalProperties] as const] : []),
  ].flatMap(([place, each]) => objectsIn(each, place, deeper))
  const isObject = schema.properties !== undefined || [schema.type].flat().includes('object')
  return isObject ? [[where, schema], ...below] : below
}

/** The smallest value of a form; of a choice each. Texts that a pattern refuses do no harm: they are refused besides. */
function samplesOf(given: Schema): unknown[] {
  const schema = resolved(given)
  if (schema.const !== undefined) return [schema.const]
  if (schema.enum !== undefined) return [schema.enum[0]]
  const choices = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]
  if (choices.length > 0) return choices.flatMap(samplesOf)
  const type = [schema.type].flat().find((word) => word !== 'null')
  if (type === 'object' || schema.properties !== undefined)
    return [
      Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, samplesOf(each)[0]])),
    ]
  if (type === 'array') return [[]]
  if (type === 'integer' || type === 'number') return [1]
  return [type === 'boolean' ? false : 'a']
}

async function refusalOf({ path }: Taker, body: unknown): Promise<{ status: number; code: string; text: string }> {
  const answer = await at.request('POST', path, body)
  const text = await answer.text()
  return { status: answer.status, code: (JSON.parse(text) as { code: string }).code, text }
}

describe('a field that nobody knows', () => {
  test('is in no form of any body', () => {
    const open = takers
      .filter(({ name }) => !formsOfOthers.has(name))
      .flatMap(({ name, schema }) => objectsIn(schema, name))
      .filter(([, schema]) => schema.additionalProperties === undefined || schema.additionalProperties === true)
      .map(([where]) => where)
    expect(open).toEqual([])
  })

  test.each(['isAdmin', 'role', 'state', 'approver', 'actor', 'assurance'])(
    '%s is refused everywhere',
    async (field) => {
      for (const taker of takers.filter(({ name }) => !formsOfOthers.has(name)))
        for (const sample of samplesOf(taker.schema) as Record<string, unknown>[]) {
          if (Object.hasOwn(sample, field)) continue
          const { status, code } = await refusalOf(taker, { ...sample, [field]: 'root' })
          expect([taker.name, status, code]).toEqual([taker.name, 400, 'bad-body'])
        }
    },
  )
})

describe('a member that reaches into every object', () => {
  const traps = [
    '{"__proto__":{"polluted":1}}',
    '{"a":[{"b":{"__proto__":{"polluted":1}}}]}',
    '{"\\u005f_proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"__defineGetter__":1}',
    '{"toString":1,"valueOf":1,"hasOwnProperty":1}',
  ]

  test.each(traps)('%s is refused by every route', async (trap) => {
    for (const taker of takers) {
      const { status } = await refusalOf(taker, trap)
      // A form of somebody else is read field by field: what it has besides is dropped, or its sender is not believed.
      const isRefused = status === 400 || (formsOfOthers.has(taker.name) && status >= 400)
      expect([taker.name, status, isRefused]).toEqual([taker.name, status, true])
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    }
  })

  test('is refused inside of a body that is otherwise right', async () => {
    for (const taker of takers)
      for (const sample of samplesOf(taker.schema) as Record<string, unknown>[])
        for (const [name, value] of Object.entries(sample)) {
          if (typeof value !== 'object' || value === null) continue
          const trapped = `${JSON.stringify({ ...sample, [name]: undefined }).slice(0, -1)},${JSON.stringify(name)}:{"__proto__":{"polluted":1}}}`
          const { status } = await refusalOf(taker, trapped.replace('{,', '{'))
          expect([taker.name, name, status]).toEqual([taker.name, name, 400])
        }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test.each(['__proto__', 'constructor', 'toString'])('an input or a field called %s is none', async (name) => {
    const start = takers.find(({ name: route }) => route === 'POST /v1/releases')!
    const [sample] = samplesOf(start.schema) as Record<string, unknown>[]
    const text = JSON.stringify(sample).replace('"inputs":{}', `"inputs":{"${name}":"x"}`)
    expect(text).toContain(`"${name}"`)
    expect((await refusalOf(start, text)).status).toBe(400)
  })
})

describe('a body that is no tree of reasonable size', () => {
  test.each([
    ['lists in lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['objects in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['many members', `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":1`).join(',')}}`],
    ['a number beyond all', `{"version":1e999999}`],
    ['half a character', '"\\ud800"'],
    ['nothing', ''],
    ['no object', 'null'],
    ['bytes that are no text', '\u0000\u0001'],
  ])('%s: refused by every route, and by nothing else', async (_name, body) => {
    for (const taker of takers) {
      const { status, code, text } = await refusalOf(taker, body)
      expect([taker.name, code, status >= 400 && status < 500]).toEqual([taker.name, code, true])
      expect([taker.name, text.length < 20_000]).toEqual([taker.name, true])
    }
    expect(at.logged).toEqual([])
  })
})

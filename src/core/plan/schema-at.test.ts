import { expect, test } from 'vitest'
import { z } from 'zod'
import { meaningAt, namesAt } from './schema-at.ts'

const schema = z.strictObject({
  roles: z
    .strictObject({ tokens: z.record(z.string(), z.string()).describe('Role to its secret'), readOnly: z.boolean() })
    .refine(() => true)
    .optional(),
  allow: z.array(z.strictObject({ id: z.string(), until: z.string() })).default([]),
  each: z.record(z.string(), z.strictObject({ limit: z.string() })),
})

test('names of settings inside settings, lists and free names are found, as authors write them', () => {
  expect(namesAt(schema, ['roles'])).toEqual(['tokens', 'read-only'])
  expect(namesAt(schema, ['allow', '0'])).toEqual(['id', 'until'])
  expect(namesAt(schema, ['each', 'anything'])).toEqual(['limit'])
})

test('where the schema leaves open what stands there, no name is made up', () => {
  expect(namesAt(schema, ['roles', 'tokens'])).toEqual([])
  expect(namesAt(schema, ['nothing', 'there'])).toEqual([])
})

test('what the definition says of a setting is found at any depth', () => {
  expect(meaningAt(schema, ['roles', 'tokens'])).toBe('Role to its secret')
  expect(meaningAt(schema, ['allow', '0', 'id'])).toBeNull()
})

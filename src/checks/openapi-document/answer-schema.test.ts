import { expect, test } from 'vitest'
import type { Json } from '../../core/units.ts'
import { disagreement } from './answer-schema.ts'
import { readOpenApi } from './document.ts'

const { resolve } = readOpenApi(
  JSON.stringify({
    openapi: '3.1.0',
    components: {
      schemas: {
        Tree: {
          type: 'object',
          required: ['id'],
          properties: {
            id: { type: 'integer' },
            below: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
          },
        },
        Loop: { $ref: '#/components/schemas/Loop' },
      },
    },
  }),
  'api.json',
)
const why = (value: Json, schema: Json): string | null => disagreement(value, schema, resolve)
const tree = { $ref: '#/components/schemas/Tree' }

test.each<[Json, Json, string | null]>([
  [{ id: 1, below: [{ id: 2 }] }, tree, null],
  [{ id: 1, below: [{ id: 2 }, { below: [] }] }, tree, 'body.below[1] has no id'],
  [{ id: 1.5 }, tree, 'body.id is number, expected integer'],
  [null, { type: 'string' }, 'body is null, expected string'],
  [null, { type: 'string', nullable: true }, null],
  [null, { type: ['string', 'null'] }, null],
  ['b', { enum: ['a', 'c'] }, 'body is none of the values it may have'],
  [{ b: 1, a: 2 }, { const: { a: 2, b: 1 } }, null],
  [5, { minimum: 5, exclusiveMinimum: true }, 'body is 5, expected at least 5'],
  [5, { exclusiveMinimum: 5 }, 'body is 5, expected more than 5'],
  [0.3, { multipleOf: 0.1 }, null],
  ['x', { type: 'string', minLength: 2 }, 'body has 1, expected at least 2'],
  ['x1', { pattern: '^[a-z]+$' }, 'body does not match /^[a-z]+$/'],
  [[1, 1], { uniqueItems: true }, 'body has the same item twice'],
  [{ a: 1, b: 2 }, { properties: { a: {} }, additionalProperties: false }, 'body has b, which is not documented'],
  [
    { a: 1, b: 2 },
    { properties: { a: {} }, additionalProperties: { type: 'string' } },
    'body.b is number, expected string',
  ],
  [{}, { required: ['password'], properties: { password: { writeOnly: true } } }, null],
  [1, { oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'body is 2 of what it may be, expected one'],
  [1, { anyOf: [{ type: 'string' }, { type: 'number' }] }, null],
  [1, { allOf: [{ type: 'number' }, { maximum: 0 }] }, 'body is 1, expected at most 0'],
  ['x', { not: { type: 'string' } }, 'body is what it may not be'],
  [{ a: 'x', toString: 1 }, { properties: { a: { format: 'uuid', description: 'held to nothing' } } }, null],
])('%j against %j: %s', (value, schema, words) => {
  expect(why(value, schema)).toBe(words)
})

test.each<[Json, string]>([
  [{ if: { type: 'string' } }, 'says "if", which is not understood here'],
  [{ properties: { a: { patternProperties: {} } } }, 'the schema of body.a says "patternProperties"'],
  [{ properties: { a: { pattern: '(?=x)' } } }, 'a pattern that is not understood here'],
  [{ $ref: 'other.json#/x' }, 'refers to other.json#/x, which is not looked at'],
  [{ $ref: '#/components/schemas/None' }, 'which is not in it'],
  [{ $ref: '#/components/schemas/Loop' }, 'refers to #/components/schemas/Loop'],
])('what is not understood is no agreement: %j', (schema, words) => {
  expect(() => why({ a: 'x' }, schema)).toThrow(words)
})

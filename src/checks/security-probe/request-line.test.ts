import { expect, test } from 'vitest'
import { lineOf, requestField } from './request-line.ts'

test('a value in the path may be written with spaces in its braces, and is no body', () => {
  expect(lineOf('GET /v1/orders/{{ id }}?all={{all}}')).toEqual({
    method: 'GET',
    path: '/v1/orders/{{ id }}?all={{all}}',
    body: null,
  })
  expect(lineOf('POST /v1/orders/{{ id }} { "item": "{{ item }}" }')).toEqual({
    method: 'POST',
    path: '/v1/orders/{{ id }}',
    body: '{ "item": "{{ item }}" }',
  })
})

test('a body behind a GET is refused', () => {
  expect(requestField.safeParse('GET /v1/orders { "item": 1 }').success).toBe(false)
  expect(requestField.safeParse('GET /v1/orders/{{ id }}').success).toBe(true)
})

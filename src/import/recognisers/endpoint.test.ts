/** Addresses and endpoints that must answer. */
import { describe, expect, test } from 'vitest'
import { knownTask, task } from './cases.ts'
import { endpoint } from './endpoint.ts'

describe('an endpoint that must answer', () => {
  test.for([
    ['`GET /orders` returns 200', { path: '/orders', method: 'GET', status: 200 }],
    ['`POST /orders` without a name returns 422', { path: '/orders', method: 'POST', status: 422 }],
    ['`/health` answers', { path: '/health', status: 200 }],
    ['The shop is live: https://shop.acme.dev/', { url: 'https://shop.acme.dev/', status: 200 }],
    ['https://shop.acme.dev/admin responds with 403', { status: 403 }],
  ] as const)('%s', ([words, params]) =>
    expect(knownTask(endpoint, words)).toMatchObject({ kind: 'http', role: 'step', params }),
  )

  test.for([
    'Health checks pass',
    'Home page loads',
    'Expired token rejected with 401',
    'Users can check out',
    'Order API is reachable',
    'Dashboards are showing data',
    'Rollback image is available',
  ])('is meant by: %s', (words) => expect(knownTask(endpoint, words)).toMatchObject({ kind: 'http' }))

  test.for([
    'See https://github.com/acme/shop/pull/12',
    'Read https://acme.dev/why',
    'Edit `src/health/index.ts`',
    'The endpoint of the hiking path is marked',
    'Merge https://github.com/acme/shop/pull/12 once it works',
  ])('is not meant by: %s', (words) => expect(knownTask(endpoint, words)?.params['url']).toBeUndefined())

  test('is asked how soon it answers where the words say so, and nothing where they say what must not come', () => {
    expect(task('`GET /orders` returns 200 within 300 ms').proposal?.block).toContain(
      '# @expect status == 200\n# @expect time < 300ms\nGET {{ input.base_url }}/orders',
    )
    expect(task('`GET /admin` must not return 200').proposal).toBeNull()
    expect(task("https://shop.acme.dev/admin doesn't respond with 500").proposal).toBeNull()
  })

  test('is asked over HTTP, with the status that its words name', () => {
    expect(task('The shop is live: https://shop.acme.dev/').proposal?.block).toBe(
      '```http check timeout=30s\n# @expect status == 200\nGET https://shop.acme.dev/\n```',
    )
  })

  test.for([
    '`POST /orders` returns 201',
    '`DELETE /orders/1` returns 204',
    'POST https://shop.acme.dev/orders responds with 201',
    'Health check passes: `PUT /health`',
  ])('is never asked to change something: %s', (words) => expect(task(words).proposal).toBeNull())

  test('with a hole in its address is not proposed', () => {
    expect(task('https://<host>/health answers').proposal?.block ?? '').not.toContain('<host>')
  })
})

test.for([
  'https://shop.acme.dev/admin must not be reachable',
  'https://shop.acme.dev/old is no longer available',
  '`/health` does not respond from outside',
])('an address that must not answer is never asked for a success: %s', (words) =>
  expect(task(words).proposal).toBeNull(),
)

/** How a service that answers in JSON can be broken for any kind that asks it. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from './broken-world.fixture.ts'

const answer =
  (status: number, body: string): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status }))

/** `empty` = answers of the right form that hold nothing. */
export function brokenService(config: Readonly<Record<string, unknown>>, empty: readonly string[]): CheckCases {
  return {
    config: { ...config, url: 'http://127.0.0.1:1' },
    broken: [
      { name: 'nobody listens there' },
      { name: 'it wants a token', powers: { http: answer(401, '{"message":"Unauthorized"}') } },
      { name: 'it has an outage', powers: { http: answer(503, 'no server is available') } },
      { name: 'nothing is there', powers: { http: answer(404, '{"message":"Not found"}') } },
      { name: 'the answer is a page', powers: { http: answer(200, '<!doctype html><p>Sign in</p>') } },
      { name: 'the answer is empty', powers: { http: answer(200, '') } },
      { name: 'the answer is other JSON', powers: { http: answer(200, '{"a":1}') } },
      { name: 'the answer is a number', powers: { http: answer(200, '7') } },
      ...empty.map((body) => ({ name: `the answer is ${body.slice(0, 60)}`, powers: { http: answer(200, body) } })),
    ],
    hangs: {
      config: {
        get url() {
          return `http://127.0.0.1:${place.port}`
        },
      },
    },
  }
}

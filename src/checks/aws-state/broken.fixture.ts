/** How AWS can be broken for any kind that asks it. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const answer =
  (status: number, body: string): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status }))

/** `empty` = answers of the right form that hold nothing. */
export function brokenAws(config: Readonly<Record<string, unknown>>, empty: readonly string[]): CheckCases {
  return {
    config: { ...config, endpoint: 'http://127.0.0.1:1' },
    broken: [
      { name: 'nobody listens there' },
      { name: 'AWS refuses', powers: { http: answer(403, '<Error><Code>AccessDenied</Code></Error>') } },
      { name: 'nothing is there', powers: { http: answer(404, '{"__type":"ResourceNotFoundException"}') } },
      { name: 'the answer is a page', powers: { http: answer(200, '<html>') } },
      { name: 'the answer is another document', powers: { http: answer(200, '<a/>') } },
      { name: 'the answer is other JSON', powers: { http: answer(200, '{"a":1}') } },
      ...empty.map((body) => ({ name: `the answer is ${body.slice(0, 40)}`, powers: { http: answer(200, body) } })),
    ],
    hangs: {
      config: {
        get endpoint() {
          return `http://127.0.0.1:${place.port}`
        },
      },
    },
  }
}

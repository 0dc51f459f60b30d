/** What the contract asks of `image`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const answer =
  (status: number, body: string, headers: Record<string, string> = {}): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status, headers }))

export const cases: CheckCases = {
  config: { image: 'http://127.0.0.1:1/shop/api:1.0.0' },
  broken: [
    { name: 'nobody listens there' },
    { name: 'it is not there', powers: { http: answer(404, '') } },
    { name: 'the registry is down', powers: { http: answer(503, '') } },
    { name: 'the answer is a page', powers: { http: answer(200, '<html>') } },
    { name: 'the answer is no image', powers: { http: answer(200, '{"schemaVersion":2}') } },
    {
      name: 'the answer has another digest',
      powers: { http: answer(200, '{}', { 'docker-content-digest': 'sha256:0' }) },
    },
    {
      name: 'it wants a way of signing in that nobody knows',
      powers: { http: answer(401, '', { 'www-authenticate': 'Negotiate' }) },
    },
    {
      name: 'a variable leads elsewhere',
      config: { image: 'http://127.0.0.1:1/shop/api:{{ tag }}' },
      powers: { variables: { tag: '../../x' } },
    },
  ],
  hangs: {
    config: {
      get image() {
        return `http://127.0.0.1:${place.port}/shop/api:1.0.0`
      },
    },
  },
}

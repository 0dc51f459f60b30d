/** What the contract asks of `kubernetes`. */
import type { CheckCases } from '../checks.contract.ts'
import { place, root } from '../parts/broken-world.fixture.ts'

const answer =
  (status: number, body: string): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status }))
const missing = '{"kind":"Status","reason":"NotFound","message":"not found"}'

export const cases: CheckCases = {
  config: { server: 'http://127.0.0.1:1', rollout: 'deployment/api' },
  broken: [
    { name: 'nobody listens there' },
    { name: 'another server answers', powers: { http: answer(404, '404 page not found') } },
    { name: 'the answer is a page', powers: { http: answer(200, '<html>') } },
    { name: 'the answer is empty', powers: { http: answer(200, '{}') } },
    { name: 'the token is not accepted', powers: { http: answer(401, '{"kind":"Status","message":"Unauthorized"}') } },
    { name: 'nothing is found', powers: { http: answer(404, missing) } },
    { name: 'the manifests are garbage', config: { accepts: 'garbage.xml' }, powers: { root } },
    {
      name: 'absent is asked where nothing is known',
      config: { rollout: undefined, resource: 'pod/api', absent: true },
      powers: { http: answer(404, missing) },
    },
  ],
  hangs: {
    config: {
      get server() {
        return `http://127.0.0.1:${place.port}`
      },
    },
  },
}

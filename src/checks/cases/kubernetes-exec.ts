/** What the contract asks of `kubernetes-exec`. */
import type { CheckCases } from '../checks.contract.ts'
import { place } from '../parts/broken-world.fixture.ts'

const answer =
  (status: number, body: string): (() => Promise<Response>) =>
  () =>
    Promise.resolve(new Response(body, { status }))

const pod = {
  metadata: { name: 'api-0' },
  spec: { containers: [{ name: 'api' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
}
const known = { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get', 'list'] }

/** One pod that runs. */
const listed = (url: string): Promise<Response> => {
  const isList = url.includes('/namespaces/')
  return Promise.resolve(
    Response.json(isList ? { kind: 'PodList', items: [pod] } : { kind: 'APIResourceList', resources: [known] }),
  )
}

export const cases: CheckCases = {
  config: { server: 'http://127.0.0.1:1', pods: 'app=api', command: ['true'] },
  broken: [
    { name: 'nobody listens there' },
    { name: 'another server answers', powers: { http: answer(404, '404 page not found') } },
    { name: 'there are no pods', powers: { http: answer(200, '{"kind":"PodList","items":[]}') } },
    { name: 'the token is not accepted', powers: { http: answer(401, '{"kind":"Status","message":"Unauthorized"}') } },
    { name: 'pods are listed, and nobody runs the command', powers: { http: listed } },
    { name: 'the name of a pod has no value', config: { pods: 'pod/{{ pod }}' } },
  ],
  hangs: {
    config: {
      get server() {
        return `http://127.0.0.1:${place.port}`
      },
    },
    powers: { http: listed },
  },
}

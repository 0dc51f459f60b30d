/** What a cluster and its manifests say is asked of them; files come from the commands around, or are asked for. */
import { expect, test } from 'vitest'
import { seen, task } from './cases.ts'

test.for([
  ['All pods running and healthy', 'kind: kubernetes\nnamespace: "{{ input.namespace }}"\npods: all'],
  ['Deployments have resource requests/limits', 'kind: manifests\npath: "{{ input.manifests }}"\nrules: [resources]'],
  ['Health checks configured (liveness + readiness)', 'rules: [probes]'],
  ['Rolling update strategy set', 'rules: [strategy]'],
  ['Pod security standard restricted is kept', 'rules: [restricted]'],
] as const)('%s', ([words, part]) => {
  expect(task(words).proposal).toMatchObject({ risk: 'reads', block: expect.stringContaining(part) })
})

test.for([
  'Pod security policies applied',
  'Some pods are running',
  'All pods of the old version are gone',
  'Health checks configured in the load balancer',
])('stays with a person: %s', (words) => expect(task(words).proposal).toBeNull())

test('the namespace and the files are those that the commands of the document name', () => {
  const text =
    '- [ ] Manifests\n  - [ ] Rolling update strategy set\n\n  ```sh\n  kubectl apply -n shop -f k8s/prod/\n  ```\n- [ ] All pods healthy\n'
  expect(seen(text, 2).proposal?.block).toContain('path: "k8s/prod/*.yaml"')
  expect(seen(text, 7).proposal?.block).toContain('namespace: shop')
})

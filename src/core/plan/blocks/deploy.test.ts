/** One short block becomes the steps of a deployment, in order, each with its way back. */
import { expect, test } from 'vitest'
import { compile } from '../compile.ts'
import { testKinds } from '../test-kinds.ts'

function compiled(block: string) {
  const text = `---\nholdpoint: 1\n---\n- [ ] Out\n  \`\`\`yaml deploy\n${block.replaceAll(/^/gm, '  ')}\n  \`\`\`\n`
  return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

test('every look comes before the first action, and each component waits for the one before', () => {
  const { plan, problems } = compiled(
    'components: { api: {}, worker: { restart: ./restart.sh } }\ndeploy: ./deploy.sh\nserves: ./version.sh\nhealthy: ./healthy.sh\nwithin: 30s',
  )
  expect(problems).toEqual([])
  const ids = plan!.steps.map(({ id }) => id.replace(/^release-md\/out\//, ''))
  expect(ids).toEqual([
    'release-md/out',
    'api-what-serves-now-is-known',
    'worker-what-serves-now-is-known',
    'api-deployed',
    'api-healthy',
    'worker-deployed',
    'worker-restarted',
    'worker-healthy',
  ])
  const after = plan!.steps.map((step) => step.after.map((id) => id.replace(/^release-md\/out\//, '')))
  expect(after.slice(3)).toEqual([
    ['api-what-serves-now-is-known', 'worker-what-serves-now-is-known'],
    ['api-deployed'],
    ['api-healthy'],
    ['worker-deployed'],
    ['worker-restarted'],
  ])
  expect(plan!.unreversed).toEqual([])
  expect(plan!.steps[4]?.block).toMatchObject({ word: 'check', retryForMs: 30_000, component: 'api' })
})

test.each([
  ['components: [api]\nserves: ./v.sh\nhealthy: ./h.sh', 'missing-attribute', '"deploy"'],
  ['components: [api]\ndeploy: ./d.sh\nhealthy: ./h.sh', 'missing-attribute', '"serves"'],
  ['components: api\ndeploy: ./d.sh\nserves: ./v.sh\nhealthy: ./h.sh', 'bad-value', '"components"'],
  ['components: { api: ./d.sh }\nserves: ./v.sh\nhealthy: ./h.sh', 'bad-value', '"api"'],
  ['components: [api]\ndeploy: ./d.sh\nserves: ./v.sh\nhealthy: ./h.sh\nwaits: 5m', 'unknown-attribute', '"waits"'],
])('what is missing or unknown is said with its place: %s', (block, code, what) => {
  const { plan, problems } = compiled(block)
  expect(plan).toBeNull()
  expect(problems[0]).toMatchObject({ code, severity: 'error' })
  expect(problems[0]?.found).toContain(what)
})

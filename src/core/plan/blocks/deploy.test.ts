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

test('a component of a rollout is looked at before its traffic moves, whichever way its stages are written', () => {
  const component =
    'api: { traffic: command, set: ./set.sh, read: ./read.sh, restore: ./back.sh, serves: ./version.sh, counts: ./counts.sh }'
  const gauge = 'judge: { metrics: { up: { kind: gauge, query: "min(up)", go: "> 0" } } }'
  const short = `\`\`\`yaml rollout\ncomponents: { ${component} }\nstages: [{ weight: 100%, soak: 1m }]\n${gauge}\n\`\`\`\n- [ ] Seen`
  const long = `\`\`\`yaml rollout\ncomponents: { ${component} }\n${gauge}\n\`\`\`\n### All\n\`\`\`yaml stage\nweight: 100%\nsoak: 1m\n\`\`\`\n- [ ] Seen`
  for (const body of [short, long]) {
    const text = `---\nholdpoint: 1\nsources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n---\n# R\n## Before\n- [ ] Ready\n## Rollout\n${body}\n`
    const { plan, problems } = compile(
      { file: 'release.md', bytes: new TextEncoder().encode(text), shared: null },
      testKinds,
    )
    expect(problems).toEqual([])
    const rollout = plan!.steps.find(({ block }) => block.word === 'rollout')!
    const look = plan!.steps.find(({ block }) => block.word === 'check' && block.serving === 'api')!
    expect(look.parent).toBe(rollout.id)
    expect(rollout.after).toContain(look.id)
    expect(rollout.block).toMatchObject({ components: [{ name: 'api', counts: { command: './counts.sh' } }] })
  }
})

test('a rollback phase ends with a look at each component that it takes back', () => {
  const deploy =
    '```yaml deploy\ncomponents: { api: {}, mail: { irreversible: it is sent }, web: {} }\ndeploy: ./d.sh\nserves: ./v.sh\nhealthy: ./h.sh\nwithin: 30s\n```'
  const phase = (title: string, more: string) =>
    `## ${title}\n\`\`\`yaml phase\nkind: rollback\n${more}\`\`\`\n- [ ] It is back\n  \`\`\`sh run\n  ./back.sh\n  \`\`\`\n`
  const text = `---\nholdpoint: 1\n---\n# R\n## Deploy\n- [ ] Out\n${deploy.replaceAll(/^/gm, '  ')}\n${phase('Back', '')}${phase('Web back', 'for: web\n')}## After\n- [ ] Seen\n`
  const { plan, problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const ids = plan!.steps.map(({ id }) => id)
  expect(ids.slice(ids.indexOf('back/it-is-back'))).toEqual([
    'back/it-is-back',
    'back/api-serves-again-what-served-before',
    'web-back/it-is-back',
    'web-back/web-serves-again-what-served-before',
    'after/seen',
  ])
  expect(plan!.steps.find(({ id }) => id.startsWith('back/api'))).toMatchObject({
    after: ['back/it-is-back'],
    block: { word: 'check', component: 'api', retryForMs: 30_000 },
  })
})

test('one and the same on both sides of a rollout is an error: no weight could tell them apart', () => {
  const driver = 'traffic: command, set: ./set.sh, read: ./read.sh'
  const { problems } = compile(
    {
      file: 'r.md',
      bytes: new TextEncoder().encode(
        `---\nholdpoint: 1\n---\n- [ ] Out\n  \`\`\`yaml rollout\n  components: { api: { ${driver}, stable: [v1, v2], canary: v2 } }\n  stages: [{ weight: 100%, soak: 1m }]\n  \`\`\`\n`,
      ),
      shared: null,
    },
    testKinds,
  )
  expect(problems.map(({ found }) => found)).toContain('"v2" as stable and as canary of the component "api"')
})

import { describe, expect, test } from 'vitest'
import { compile } from '../../core/plan/compile.ts'
import { testKinds } from '../../core/plan/test-kinds.ts'
import { seen, task } from './cases.ts'

describe('a command that only reads becomes a check', () => {
  test.for([
    ['`npm test` passes', '```sh check timeout=10m\nnpm test\n```'],
    ['Types are right (`mypy shop/`)', '```sh check timeout=10m\nmypy shop/\n```'],
    [
      'No errors in the log: `kubectl logs deploy/shop | grep -i error`',
      '```sh check timeout=10m forbid=/(?i)error/\nkubectl logs deploy/shop\n```',
    ],
    ['Working tree is clean (`git status`)', '```sh check timeout=10m forbid=/\\S/\ngit status --porcelain\n```'],
    [
      'All pods ready: `kubectl get pods -n shop`',
      '```sh check timeout=10m\nkubectl wait pod --all --for=condition=Ready --timeout=60s -n shop\n```',
    ],
    [
      'Shop answers: `curl https://shop.example/health`',
      '```sh check timeout=10m\ncurl -fS --max-time 10 https://shop.example/health\n```',
    ],
    [
      'Nothing bad since then: `kubectl logs -f deploy/shop | grep -i error`',
      '```sh check timeout=10m forbid=/(?i)error/\nkubectl logs deploy/shop\n```',
    ],
    ['Mail is up: `telnet mail.example 25`', '```yaml check timeout=10s\nkind: tcp\nhost: mail.example\nport: 25\n```'],
  ] as const)('%s', ([words, block]) => {
    expect(task(words)).toMatchObject({ state: 'proposed', proposal: { block, risk: 'reads' } })
  })
})

describe('a command that others see asks for confirmation', () => {
  test.for([
    'git push origin main',
    'npm publish',
    'docker push shop/api:1',
    'kubectl apply -f k8s/',
    'kubectl delete pod shop-1',
    'terraform apply',
    'helm rollback shop 3',
    'rm -rf build',
    'sqlx migrate revert --all',
    'pg_restore -d shop backup.dump',
    './scripts/restore_shop.sh latest',
    'aws s3 sync dist/ s3://shop/',
    'make deploy',
    'curl -X POST https://shop.example/cache',
    'npm test && npm publish',
  ])('%s', (command) => {
    const { proposal } = task(`Do it: \`${command}\``)
    expect(proposal?.block).toMatch(/^```sh run danger\n/)
    expect(proposal?.risk).not.toBe('reads')
  })

  test('what stays on this machine is a plain action', () => {
    expect(task('Build it: `docker build -t shop .`').proposal?.block).toBe('```sh run\ndocker build -t shop .\n```')
  })
})

describe('what says nothing by its exit code stays with a person', () => {
  test.for([
    'Look around: `kubectl get deployments`',
    'Write it: `vim CHANGELOG.md`',
    'Log in: `ssh admin@shop.example`',
    'Never run `npm install` here',
    'Edit `config.yaml` and `src/main.ts`',
    'Commit: `git commit`',
  ])('%s', (words) => expect(task(words)).toMatchObject({ state: 'manual', proposal: null }))

  test('a block of values, and one whose grep must find nothing among others', () => {
    expect(seen('```bash\nMODE=live\nLIMIT=3\n```\n', 1).proposal).toBeNull()
    expect(seen('## Look\n\n```bash\nuptime\nkubectl logs deploy/shop | grep ERROR\n```\n', 3).proposal).toBeNull()
  })

  test('a line too long to be judged', () => {
    expect(seen(`\`\`\`bash\nnpm test ${'x'.repeat(2000)}\n\`\`\`\n`, 1).proposal).toBeNull()
  })
})

describe('blocks of code', () => {
  test('below a heading the block is proposed for the heading, and only the first', () => {
    const text = '## Checks\n\n```bash\nnpm test\n```\n\n```bash\nnpm run lint\n```\n'
    expect(seen(text, 3).proposal?.block).toBe('```sh check timeout=10m\nnpm test\n```')
    expect(seen(text, 7).proposal).toBeNull()
  })

  test('prompts are taken off and output is left out', () => {
    expect(seen('```console\n$ npm test\n12 passed\n```\n', 1).proposal?.block).toBe(
      '```sh check timeout=10m\nnpm test\n```',
    )
  })

  test('placeholders become values that are asked for', () => {
    const { proposal, params } = task('Tag it: `git tag -a vX.Y.Z -m "Release <name of it>"`')
    expect(proposal?.block).toContain('git tag -a v${HOLDPOINT_VERSION} -m "Release ${HOLDPOINT_INPUT_NAME_OF_IT}"')
    expect(params).toMatchObject({ placeholders: ['vX.Y.Z', '<name of it>'] })
  })

  test('beside boxes, a numbered item without one can hold no block', () => {
    expect(seen('- [ ] Ship it\n\n1. `npm test` passes\n', 3)).toMatchObject({ state: 'manual', proposal: null })
  })
})

describe('people, records and messages', () => {
  test.for([
    ['Approved by at least 2 engineers', '```yaml approve\nrole: engineer\ncount: 2\nnot: author\n```'],
    ['Product owner approval', '```yaml approve\nrole: product-owner\n```'],
    ['Restore tested within the last 45 days', '```yaml record\nname: restore\nmax-age: 45d\n```'],
    ['Error rate now: ____', '```yaml fields\nerror-rate-now: { label: Error rate now, type: percent }\n```'],
    ['All is done: Yes / No', '```yaml fields\nall-is-done: { label: All is done, options: ["Yes", "No"] }\n```'],
    [
      'The shop is live: https://shop.acme.dev/',
      '```http check timeout=30s\n# @expect status == 200\nGET https://shop.acme.dev/\n```',
    ],
  ] as const)('%s', ([words, block]) => {
    expect(task(words).proposal?.block).toBe(block)
    const text = `---\nholdpoint: 1\n---\n- [ ] ${words}\n${block.replace(/^/gm, '  ')}\n`
    expect(
      compile({ file: 'a.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds).problems.filter(
        ({ severity }) => severity === 'error',
      ),
    ).toEqual([])
  })

  test('a message names its event, and the versions in it are those of the release', () => {
    const { proposal, params } = seen(
      '## Rollback announcement\n\nSlack #ops:\n\n```\nBack to v1.0.0 from v1.1.0\n```\n',
      5,
    )
    expect(proposal?.block.split('\n')[0]).toBe('```md notify on=rollback.started to=console')
    expect(params).toMatchObject({ channel: '#ops' })
  })
})

describe('what the words demand is typed', () => {
  test.for([
    ['Error rate < 2%', { operator: 'lt', value: 2, unit: '%' }],
    ['Latency p95 under 800ms', { operator: 'lt', value: 800, unit: 'ms', statistic: 'p95' }],
    ['Monitor for 30-45 minutes', { operator: 'between', value: [30, 45], unit: 'min' }],
    ['`GET /orders` returns 404', { status: 404 }],
    [
      'Notes are written (for major releases)',
      { condition: 'for major releases', when: 'version.matches("^v?[0-9]+[.]0[.]0$")' },
    ],
    ['Deployed to staging', { environment: 'staging' }],
  ] as const)('%s', ([words, params]) => expect(task(words).params).toMatchObject(params))

  test('two limits keep their own severity', () => {
    expect(task('Errors (>3% triggers P2, >6% triggers P1)').params['demands']).toMatchObject([
      { operator: 'gt', value: 3, unit: '%', severity: 'P2' },
      { operator: 'gt', value: 6, unit: '%', severity: 'P1' },
    ])
  })

  test('what stands in a stage knows it', () => {
    const text = '## Stage 2: 20% canary (1 hour)\n\n### Look\n\n- [ ] Error rate < 1%\n'
    expect(seen(text, 5).params).toMatchObject({ stage: 2, weight: 20 })
  })
})

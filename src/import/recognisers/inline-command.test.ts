/** Commands between backticks: six of seven of what stands there are none. */
import { describe, expect, test } from 'vitest'
import { known, knownTask, task } from './cases.ts'
import { inlineCommand } from './inline-command.ts'

describe('a command in the words of a step', () => {
  test.for([
    ['`npm test` passes', 'command', 'npm test'],
    ['No findings (`bandit -r src`)', 'command', 'bandit -r src'],
    ['Run `pytest`', 'command', 'pytest'],
    ['Push: `git push origin main`', 'git', 'git push origin main'],
    ['Pods run: `kubectl get pods -n shop`', 'kubernetes', 'kubectl get pods -n shop'],
    ['Release it with `gh release create v1`', 'github', 'gh release create v1'],
  ] as const)('%s', ([words, kind, command]) =>
    expect(knownTask(inlineCommand, words)).toMatchObject({ kind, role: 'step', params: { command } }),
  )

  test('that is a query is for a database', () => {
    expect(knownTask(inlineCommand, 'No order is open: `SELECT count(*) FROM orders;`')).toMatchObject({ kind: 'sql' })
  })

  test('in a section that goes back is a step back', () => {
    expect(knownTask(inlineCommand, '`helm rollback shop`', 'Rollback')).toMatchObject({ kind: 'rollback-step' })
  })

  test.for([
    'Do not run `npm install` by hand',
    'Never `git push --force`',
    'Edit `config.yaml` and `src/main.ts`',
    'Merge `release-1.2` into `main`',
    'Set `NODE_ENV` to `production`',
    '`v1.2.3` is tagged',
    'The field `order_id` is kept',
  ])('is none: %s', (words) => expect(knownTask(inlineCommand, words)).toBeNull())

  test('beside boxes, a line without one is no step', () => {
    expect(known(inlineCommand, '- [ ] a\n\nLater:\n\n- `npm test` passes\n', 5)).toBeNull()
  })
})

describe('what is proposed of it', () => {
  test.for([
    ['`npm test` passes', '```sh check timeout=10m\nnpm test\n```'],
    ['Types are right (`mypy shop/`)', '```sh check timeout=10m\nmypy shop/\n```'],
    [
      'No errors in the log: `kubectl logs deploy/shop | grep -i error`',
      '```yaml check\nkind: log\nnamespace: "{{ input.namespace }}"\npods: deployment/shop\nforbid: "(?i)error"\n```',
    ],
    ['Working tree is clean (`git status`)', '```yaml check\nkind: git\nclean: true\n```'],
    ['All pods ready: `kubectl get pods -n shop`', '```yaml check\nkind: kubernetes\nnamespace: shop\npods: all\n```'],
    [
      'Shop answers: `curl https://shop.example/health`',
      '```http check timeout=1m\n# @expect status < 400\nGET https://shop.example/health\n```',
    ],
    [
      'Nothing bad since then: `journalctl -f -u shop | grep -i error`',
      '```sh check timeout=10m forbid=/(?i)error/\njournalctl --no-pager -u shop\n```',
    ],
    ['Mail is up: `telnet mail.example 25`', '```yaml check timeout=10s\nkind: tcp\nhost: mail.example\nport: 25\n```'],
    ['Build it: `docker build -t shop .`', '```sh run\ndocker build -t shop .\n```'],
    ['Ship it: `npm test && npm publish`', '```sh run danger\nnpm test && npm publish\n```'],
  ] as const)('%s', ([words, block]) => expect(task(words)).toMatchObject({ state: 'proposed', proposal: { block } }))

  test('placeholders become values that are asked for', () => {
    const { proposal, params } = task('Tag it: `git tag -f vX.Y.Z -m "Release <name of it>"`')
    expect(proposal?.block).toContain('git tag -f v${HOLDPOINT_VERSION} -m "Release ${HOLDPOINT_INPUT_NAME_OF_IT}"')
    expect(params).toMatchObject({ placeholders: ['vX.Y.Z', '<name of it>'] })
  })

  test.for([
    'Look around: `kubectl get deployments`',
    'Write it: `vim CHANGELOG.md`',
    'Log in: `ssh admin@shop.example`',
    'Commit: `git commit`',
    'Follow it: `tail -f app.log`',
  ])('nothing, where its exit code says nothing or somebody has to type: %s', (words) =>
    expect(task(words)).toMatchObject({ state: 'manual', proposal: null }),
  )

  test('nothing, where boxes are the steps and this one has none', () => {
    const text = '- [ ] Ship it\n\n1. `npm test` passes\n'
    expect(known(inlineCommand, text, 3)).toMatchObject({ proposal: null })
  })
})

describe('a step that names several commands', () => {
  test.for([
    ['Go: `go vet ./...`, `go test ./...`', '```sh check timeout=10m\ngo vet ./...\ngo test ./...\n```'],
    [
      'Linting passes (`bun run lint` and `bun run lint:py`)',
      '```sh check timeout=10m\nbun run lint\nbun run lint:py\n```',
    ],
    ['Tests pass (`bun run test` for JS/TS; `pytest tests/` for Python)', 'bun run test\npytest tests/\n'],
  ] as const)('passes only when all pass: %s', ([words, block]) => expect(task(words).proposal?.block).toContain(block))

  test('as one way and another runs the first, and says so', () => {
    const { proposal, why } = task('Tests pass: `npm test` or `yarn test`')
    expect(proposal?.block).toBe('```sh check timeout=10m\nnpm test\n```')
    expect(why).toContain('Another one that stands there is not in the block.')
  })
})

test.for([
  '`npm test` passes, then the tag goes out with `git push origin v1`',
  '`git status` is clean and `git push` is done',
  '`git log` and `npm test`',
])('commands whose bond is not said, or one of which tells nothing, stay with a person: %s', (words) =>
  expect(task(words).proposal).toBeNull(),
)

test('a command that comes later is not the step', () => {
  expect(task('Before `git push`, `npm test` must pass').proposal?.block).toBe('```sh check timeout=10m\nnpm test\n```')
  expect(task('Tell support before `helm upgrade shop .`').proposal).toBeNull()
  expect(task('Build (`docker build -t x .`) and push (`docker push x`)').proposal?.block).toBe(
    '```sh run danger\ndocker build -t x .\ndocker push x\n```',
  )
})

describe('what is right when it fails', () => {
  test('is asked for by its answer', () => {
    expect(task('`curl https://shop.acme.dev/old` returns 410').proposal?.block).toBe(
      '```http check timeout=30s\n# @expect status == 410\nGET https://shop.acme.dev/old\n```',
    )
  })

  test('is told from one call to the next, and from what must not fail', () => {
    const two = '`curl https://shop.acme.dev/a` returns 200 and `curl https://shop.acme.dev/b` returns 403'
    expect(task(two).proposal).toBeNull()
    expect(task('`npm test` must not fail').proposal?.block).toContain('npm test')
  })

  test.for(['`redis-cli -h cache flushall` was not run', '`npm publish` must never be run by hand'])(
    'is not proposed where it must not be run: %s',
    (words) => expect(task(words).proposal).toBeNull(),
  )

  test.for([
    '`alembic current` shows head',
    '`dig shop.acme.dev` shows the new address 10.0.0.7',
    '`dig shop.acme.dev` returns 10.0.0.7',
    "`kubectl auth can-i '*' '*'` is no",
    '`systemctl is-active shop` is inactive',
    "`psql -c 'select count(*) from orders where paid is null'` is 0",
    '`curl -s https://shop.acme.dev/health | jq .status` is "ok"',
    '`curl https://shop.acme.dev/version` returns 1.2.3',
    '`curl https://shop.acme.dev/old` should not return 200',
    '`curl https://shop.acme.dev/old` must not return 500',
    '`redis-cli -h cache info memory` below 1 GB',
    '`docker --version` >= 24',
    '`kubectl scale deploy/worker --replicas=0`, then scale back to 3',
  ])('of which a block would see or do only a part is left to a person: %s', (words) =>
    expect(task(words).proposal).toBeNull(),
  )

  test.for(['`npm test` fails on the old branch', '`make check` must not pass without a key'])(
    'is looked at by a person: %s',
    (words) => expect(task(words)).toMatchObject({ state: 'manual', proposal: null }),
  )

  test.for([
    'Ensure `grep -r TODO src` finds nothing',
    'All workarounds are removed: `grep -r TODO src`',
    'No leftovers: `grep -r TODO src`',
  ])('of a search for what must be gone, finding nothing passes: %s', (words) =>
    expect(task(words).proposal?.block).toBe(
      '```sh check timeout=10m forbid=/\\S/\ngrep -r TODO src || test $? -eq 1\n```',
    ),
  )
})

test.for([
  'No ejecutar `git push --force`',
  'Niemals `git push --force` verwenden',
  'Ne jamais lancer `git push --force`',
  'Никогда не запускать `git push --force`',
  '`rm -rf build` を実行しないこと',
  '请勿运行 `git push --force`',
])('a warning in another language proposes nothing: %s', (words) => expect(task(words).proposal).toBeNull())

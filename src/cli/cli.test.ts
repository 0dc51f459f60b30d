/** The real command line against a real engine in a private folder: exit codes, what is printed where, who may do what. */
import { existsSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-cli-'))
})
afterAll(async () => {
  // The engine ends by itself when it has nothing to do; a release that is still open would keep it.
  for (const { id } of JSON.parse((await holdpoint('release list --open --json')).out) as readonly { id: string }[])
    await holdpoint(['release', 'abort', id, '--reason', 'the test is over'])
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function holdpoint(
  line: string | readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const args = typeof line === 'string' ? line.split(' ') : line
  const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '1s', ...environment }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const checklist = (body: string) => `---\nholdpoint: 1\nservice: shop\n---\n# Shop\n${body}`

test('the first checklist runs at once, waits for its person with exit 3, and ends with 0', async () => {
  expect((await holdpoint('init first.md')).code).toBe(0)
  const again = await holdpoint('init first.md')
  expect(again.code).toBe(2)
  expect(again.err).toContain('exists already')

  const waiting = await holdpoint('run first.md --version 1')
  expect(waiting.code).toBe(3)
  expect(waiting.out).toContain('☛ waits for people')
  const command = /holdpoint (release answer \S+ \S+ passed)/.exec(waiting.out)?.[1]
  expect(command).toBeDefined()
  // oxlint-disable-next-line no-control-regex -- a pipe gets none of them
  expect(waiting.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)

  expect((await holdpoint(command!)).code).toBe(0)
  const done = await holdpoint('release watch')
  expect(done.code).toBe(0)
  expect(done.out).toContain('✔ closed')
})

test('a failed step stops the run with 1 and says what to type; a waiver lets it go on', async () => {
  await writeFile(
    join(folder, 'fails.md'),
    checklist('## Checks\n- [ ] Never true\n  ```sh check\n  echo broken >&2; exit 7\n  ```\n'),
  )
  const failed = await holdpoint('run fails.md --version 2 --json')
  expect(failed.code).toBe(1)
  const answer = JSON.parse(failed.out) as {
    release: string
    exit: number
    waitsFor: readonly { kind: string; commands: readonly { command: string }[] }[]
  }
  expect(answer.exit).toBe(1)
  expect(answer.waitsFor[0]?.kind).toBe('failed')
  expect(answer.waitsFor[0]?.commands.map((one) => one.command).join('\n')).toMatch(
    /release retry .*\n.*release waive /,
  )

  const waived = await holdpoint([
    'release',
    'waive',
    answer.release,
    'never true',
    '--role',
    'lead',
    '--reason',
    'known',
  ])
  expect(waived.code).toBe(0)
  expect((await holdpoint(['release', 'watch', answer.release])).code).toBe(0)
  const shown = JSON.parse((await holdpoint(['release', 'show', answer.release, '--json'])).out) as {
    tally: Record<string, number>
  }
  expect(shown.tally).toEqual({ waived: 1 })
})

test('an abort takes back what was begun, and the run that attends it ends with 1', async () => {
  await writeFile(
    join(folder, 'back.md'),
    checklist(
      '## Go\n- [ ] Deploy\n  ```sh run\n  echo new > deployed\n  ```\n  ```sh undo\n  echo old > deployed\n  ```\n- [ ] Look at it\n',
    ),
  )
  expect((await holdpoint('run back.md --version 3')).code).toBe(3)
  expect((await readFile(join(folder, 'deployed'), 'utf8')).trim()).toBe('new')
  expect((await holdpoint(['release', 'abort', '--reason', 'not today'])).code).toBe(0)
  const [newest] = JSON.parse((await holdpoint('release list --json --limit 1')).out) as readonly { id: string }[]
  const watched = await holdpoint(['release', 'watch', newest!.id])
  expect(watched.code).toBe(1)
  expect(watched.out).toContain('↩ rolled back')
  expect((await readFile(join(folder, 'deployed'), 'utf8')).trim()).toBe('old')
})

test('a kept plan runs exactly the document it was made from', async () => {
  await writeFile(join(folder, 'kept.md'), checklist('## Checks\n- [ ] Fine\n  ```sh check\n  true\n  ```\n'))
  expect((await holdpoint('plan kept.md --out kept.json')).code).toBe(0)
  await writeFile(join(folder, 'kept.md'), checklist('## Checks\n- [ ] Fine\n  ```sh check\n  false\n  ```\n'))
  expect((await holdpoint('run kept.json --version 4')).code).toBe(0)
})

test('wrong usage and documents that do not compile are exit 2, with one correct line', async () => {
  await writeFile(join(folder, 'wrong.md'), checklist('## Checks\n- [ ] Fine\n  ```sh chek\n  true\n  ```\n'))
  const wrong = await holdpoint('run wrong.md --version 5')
  expect(wrong.code).toBe(2)
  expect(wrong.err).toMatch(/wrong\.md:\d+:\d+ .*chek[\s\S]*expected[\s\S]*for example/)
  expect((await holdpoint('lint wrong.md')).code).toBe(2)
  expect((await holdpoint('run nowhere.md --version 5')).code).toBe(2)
  expect((await holdpoint('run first.md')).code).toBe(2)
  expect((await holdpoint('release show nothing-like-it')).code).toBe(2)
  const unknown = await holdpoint('rum first.md')
  expect(unknown.code).toBe(2)
  expect(unknown.err).toContain('Did you mean run?')
})

test('a block tried alone shows its output and leaves no release behind', async () => {
  await writeFile(
    join(folder, 'try.md'),
    checklist(
      '## Checks\n- [ ] Speaks\n  ```sh check\n  echo "hello $HOLDPOINT_VERSION after $HOLDPOINT_PREVIOUS"\n  ```\n- [ ] Acts\n  ```sh run\n  touch acted\n  ```\n',
    ),
  )
  const before = (await holdpoint('release list --json')).out
  const tried = await holdpoint('try try.md speaks --version 9 --previous 8')
  expect(tried.code).toBe(0)
  expect(tried.out).toContain('hello 9 after 8')
  expect(tried.out).toContain('✔ passed')
  const action = await holdpoint('try try.md acts')
  expect(action.code).toBe(2)
  expect(action.err).toContain('--yes')
  expect((await holdpoint('release list --json')).out).toBe(before)
})

test('a bundle verifies anywhere, and one changed byte breaks it', async () => {
  const [newest] = JSON.parse((await holdpoint('release list --json --limit 1')).out) as readonly { id: string }[]
  expect((await holdpoint(['export', newest!.id, '-o', 'out.bundle'])).code).toBe(0)
  expect((await holdpoint('verify out.bundle')).code).toBe(0)
  const bytes = await readFile(join(folder, 'out.bundle'))
  const at = bytes.indexOf('"kind":"ReleaseStarted"')
  expect(at).toBeGreaterThan(0)
  bytes[at + 10] = (bytes[at + 10] ?? 0) ^ 1
  await writeFile(join(folder, 'broken.bundle'), bytes)
  expect((await holdpoint('verify broken.bundle')).code).toBe(1)
})

test('records have an age, and `due` says which are missing', async () => {
  await writeFile(
    join(folder, 'records.md'),
    checklist('## Checks\n- [ ] Restore tested\n  ```yaml record\n  name: restore-test\n  max-age: 30d\n  ```\n'),
  )
  expect((await holdpoint('records due records.md')).code).toBe(1)
  expect((await holdpoint(['records', 'add', 'restore-test', '--note', 'restored', '--observed', '40d'])).code).toBe(0)
  expect((await holdpoint('records due records.md')).code).toBe(1)
  expect((await holdpoint(['records', 'add', 'restore-test', '--note', 'restored', '--observed', '2h'])).code).toBe(0)
  expect((await holdpoint('records due records.md')).code).toBe(0)
})

test('doctor and try say why nothing could be started, in words', async () => {
  const text = checklist(
    '## Ship\n- [ ] Deploy\n  ```sh run\n  true\n  ```\n- [ ] Look\n  ```sh check\n  true\n  ```\n',
  )
  const head = 'service: shop\nenvironments: { production: { protected: true } }'
  await writeFile(join(folder, 'refused.md'), text.replace('service: shop', head))
  const found = await holdpoint('doctor refused.md')
  expect(found.code).toBe(1)
  expect(found.out).toContain('a release to production  production is protected and nobody takes back: ship/deploy.')
  const tried = await holdpoint('try refused.md ship/look')
  expect(tried.code).not.toBe(0)
  expect(tried.err).toMatch(/^holdpoint: production is protected and nobody takes back/)
  expect(found.err + tried.err).not.toMatch(/\n\s+at /)
})

test('doctor names what a checklist needs and cannot reach', async () => {
  await writeFile(
    join(folder, 'needs.md'),
    checklist('## Checks\n- [ ] Numbers\n  ```promql check on=prom below=1\n  up\n  ```\n').replace(
      'service: shop',
      'service: shop\nsources:\n  prom: { kind: prometheus, url: "http://127.0.0.1:9" }',
    ),
  )
  const found = await holdpoint('doctor needs.md --json')
  expect(found.code).toBe(1)
  const { findings } = JSON.parse(found.out) as { findings: readonly { what: string; level: string }[] }
  expect(findings.find((one) => one.what.startsWith('source prom'))?.level).toBe('bad')
  expect(findings.find((one) => one.what === 'engine')?.level).toBe('ok')
})

test('doctor asks what steps need, says alike answers once, and starts nothing of theirs', async () => {
  const request = (title: string) => `- [ ] ${title}\n  \`\`\`http check\n  GET http://127.0.0.1:9/${title}\n  \`\`\`\n`
  const blocks = [
    '- [ ] Ship\n  ```sh run\n  touch shipped\n  ```\n',
    request('One'),
    request('Two'),
    '- [ ] Tag\n  ```yaml run\n  kind: git-tag\n  tag: v1\n  push: nowhere\n  ```\n',
    '- [ ] Page\n  ```yaml check\n  kind: browser\n  url: http://127.0.0.1:9/\n  program: /no/such/chromium\n  ```\n',
    '- [ ] Later\n  ```yaml check\n  kind: image\n  image: localhost:9/shop:{{ built }}\n  ```\n',
    '- [ ] Key\n  ```yaml check\n  kind: redis\n  host: 127.0.0.1\n  port: 9\n  password: "{{ secret.NO_KEY }}"\n  ```\n',
    '- [ ] No\n  ```yaml check\n  kind: redis\n  host: 127.0.0.1\n  port: 9\n  refused: true\n  ```\n',
  ]
  const steps = checklist(`## Checks\n${blocks.join('')}`)
  await writeFile(join(folder, 'steps.md'), steps.replace('service: shop', 'service: shop\nsecrets: { NO_KEY: env }'))
  expect((await holdpoint('plan steps.md')).out).toContain('git-tag action')
  const { code, out } = await holdpoint('doctor steps.md --json')
  expect(code).toBe(1)
  const { findings } = JSON.parse(out) as { findings: readonly { what: string; level: string; say: string }[] }
  expect(findings.filter(({ what }) => what.startsWith('checks/'))).toMatchObject([
    { what: 'checks/one and checks/two (http)', level: 'bad', say: expect.stringContaining('cannot be reached') },
    { what: 'checks/tag (git-tag)', level: 'bad', say: expect.stringContaining('not a git repository') },
    { what: 'checks/page (browser)', level: 'bad', say: expect.stringContaining('install the package chromium') },
    { what: 'checks/later (image)', level: 'unasked', say: expect.stringContaining('{{ built }}') },
    { what: 'checks/key (redis)', level: 'bad', say: expect.not.stringContaining('earlier step') },
    { what: 'checks/no (redis)', level: 'unasked', say: 'asked when it runs: it has to refuse' },
  ])
  expect(existsSync(join(folder, 'shipped'))).toBe(false)
})

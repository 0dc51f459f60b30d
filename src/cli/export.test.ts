/** A team's own document goes round: imported, run with answers, and exported with the results in its margin. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withoutMargin } from '../import/margin.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''
let release = ''

const document = [
  '# Shop release',
  '',
  '## Ready',
  '* [ ] Support knows',
  '  what changes',
  '* [X] Everything else',
  '\t1. [ ] The page opens',
  '1. [ ] Versions agree: `diff old.txt new.txt`',
  '',
  '| Place | Done |',
  '|---|---|',
  '| Berlin | [ ] |',
  '',
  '## Numbers',
  '- [ ] Error rate now: ____',
  '- [] Never read as a step',
  '- [ ] Signed off',
].join('\r\n')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-export-'))
  for (const [name, text] of [
    ['RELEASE.md', document],
    ['old.txt', '1'],
    ['new.txt', '1'],
    ['screen.txt', 'all green'],
  ] as const)
    await writeFile(join(folder, name), text)
})
afterAll(async () => {
  await holdpoint('release', 'abort', release, '--reason', 'the test is over')
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
})

function holdpoint(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HOLDPOINT_HOME: join(folder, 'home') }
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

test('the document comes back with boxes ticked, who, when, value and evidence, and all other bytes as they were', async () => {
  expect(await holdpoint('import', 'RELEASE.md', '-o', 'copy.md', '--accept', 'all')).toMatchObject({ code: 0 })
  const started = await holdpoint('run', 'copy.md', '--version', '1.2.3', '--yes', '--json')
  release = (JSON.parse(started.out) as { release: string }).release
  for (const answer of [
    [
      'ready/support-knows-what-changes',
      'passed',
      '--as',
      'ana',
      '--note',
      'in --> @channel',
      '--evidence',
      'screen.txt',
    ],
    ['ready/everything-else/the-page-opens', 'failed', '--as', 'ben', '--note', 'blank in Safari'],
  ])
    expect((await holdpoint('release', 'answer', release, ...answer)).err).toBe('')

  const exported = await holdpoint('export', release, '--format', 'md', '-o', 'done.md')
  expect(exported.err).toContain('its links lead to the evidence in the bundle')
  const done = await read('done.md')
  const lines = done.split('\r\n')
  expect(lines.slice(0, 6)).toEqual([
    '# Shop release',
    '',
    '## Ready',
    '* [x] Support knows',
    '  what changes',
    expect.stringMatching(
      /^ {2}<!-- holdpoint --><br><sub>✔ passed · ana · \d{4}-\d\d-\d\d \d\d:\d\d UTC · in --&gt; @<!-- -->channel · <a href="evidence\/[0-9a-f]{64}">screen.txt<\/a><\/sub>$/,
    ),
  ])
  expect(lines).toContain('* [ ] Everything else')
  expect(lines).toContain('\t1. [ ] The page opens')
  expect(lines).toContainEqual(expect.stringMatching(/✖ failed · .*ben answered failed: blank in Safari<\/sub>$/))
  expect(lines).toContain('| Berlin | [ ] |')
  expect(lines).toContain('- [] Never read as a step')
  expect(lines.at(-1)).toContain(`release ${release}`)
  expect(done).not.toContain('```')
  expect(done).not.toContain('holdpoint: 1')
  expect(withoutMargin(done)).toMatchObject({ text: document, isChanged: false })
}, 60_000)

test('importing it again gives the same items and the same copy, and another export adds nothing twice', async () => {
  const items = async (file: string) =>
    (JSON.parse((await holdpoint('import', file, '--json')).out) as { items: unknown }).items
  expect(await items('done.md')).toEqual(await items('RELEASE.md'))
  expect(await holdpoint('import', 'done.md', '-o', 'again.md', '--accept', 'all')).toMatchObject({ code: 0 })
  expect(await read('again.md')).toBe(await read('copy.md'))
  const { out } = await holdpoint('export', release, '--format', 'md')
  expect(out).toBe(await read('done.md'))
}, 60_000)

test('the report for people has a name of its own', async () => {
  const { out } = await holdpoint('export', release, '--format', 'report')
  expect(out).toContain('## The checklist, with its results in the margin')
}, 60_000)

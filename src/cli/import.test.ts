/** The real `import` command: what it prints, what it writes, what it refuses, and its exit codes. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeBlocks } from '../import/remove.ts'

const bin = fileURLToPath(new URL('../../bin/holdpoint.js', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdpoint-import-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function holdpoint(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

async function file(name: string, text: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), text)
  return name
}

const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

const checklist = '# Shop release\r\n\r\n## Ready\r\n- [ ] Somebody read the changes\r\n* [x] Agreed with support'

test('prints the tree with the state of each item, the coverage, and what is odd', async () => {
  const { code, out, err } = await holdpoint('import', await file('a.md', checklist))
  expect(code).toBe(0)
  expect(out).toContain('Shop release  a.md\n2 items: 0 can run, 0 are numbers, 0 have an age, 2 need a person')
  expect(out).toMatch(/Ready\n ☛ Somebody read the changes +a person/)
  expect(out).toContain('a.md:5:1  warning: a box that is ticked already  [import-ticked]')
  expect(err).toContain('holdpoint import a.md -o a.holdpoint.md')
})

test('what people wrote into the front matter of a copy stays: defaults of inputs, another source', async () => {
  const words = '# Shop\n\n- [ ] `GET /orders` returns 200\n- [ ] Monitor for 1 hour\n  - [ ] CPU < 60%\n'
  await holdpoint('import', await file('front.md', words), '-o', 'front.out.md', '--accept', 'all')
  const first = await read('front.out.md')
  expect(first).toContain('inputs: { base_url: { description: ')
  const changed = first
    .replace(/inputs: .*/, 'inputs: { base_url: { default: https://shop.example }, cpu_series: {} }')
    .replace('127.0.0.1:9090', 'prometheus.example')
  await writeFile(join(folder, 'front.out.md'), changed)
  const { err } = await holdpoint('import', 'front.md', '-o', 'front.out.md')
  expect(err).toContain('wrote front.out.md with 2 blocks, 2 of them from before')
  const second = await read('front.out.md')
  expect(second).toContain('inputs: { base_url: { default: https://shop.example }, cpu_series: {} }')
  expect(second).toContain('url: "http://prometheus.example"')
  expect(second.match(/^(?:inputs|sources):/gm)).toHaveLength(2)
})

test('what may be wrong with the text is told by code and line, and in --json as problems', async () => {
  const words = '# Shop\n\n- [x] Agreed\n- [ ] Shop answers: `curl https://shop.example/health`\n'
  const { out } = await holdpoint('import', await file('lint.md', words))
  expect(out).toContain(
    '1 thing in the text may be wrong; what and why: holdpoint lint lint.md\n curl-without-fail  line 4',
  )
  const { problems } = JSON.parse((await holdpoint('import', 'lint.md', '--json')).out) as { problems: unknown }
  expect(problems).toMatchObject([
    { code: 'import-ticked', line: 3 },
    { code: 'curl-without-fail', line: 4, found: expect.stringContaining('curl') },
  ])
})

test('--json is one document with every item once', async () => {
  const { code, out } = await holdpoint('import', await file('b.md', checklist), '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    file: 'b.md',
    encoding: { name: 'utf-8', repaired: 0 },
    items: [
      { line: 1, form: 'heading', role: 'group' },
      { line: 3, form: 'heading', section: ['Shop release'] },
      { line: 4, form: 'task', state: 'manual', section: ['Shop release', 'Ready'], checked: false, proposal: null },
      { line: 5, form: 'task', checked: true },
    ],
    totals: { tasks: 2, headings: 2, fences: 0 },
    coverage: { items: 2, people: 2 },
  })
})

test('-o writes a copy that compiles, and never the document itself', async () => {
  const name = await file('c.md', checklist)
  const { code, err } = await holdpoint('import', name, '-o', 'c.out.md', '--accept', 'all')
  expect(code).toBe(0)
  expect(err).toContain('wrote c.out.md')
  expect(removeBlocks(await read('c.out.md'))?.text).toBe(checklist)
  expect((await holdpoint('plan', 'c.out.md')).code).toBe(0)
  const onto = await holdpoint('import', name, '-o', name)
  expect(onto).toMatchObject({ code: 2 })
  expect(onto.err).toContain('c.md is the document itself')
  expect(await read('c.md')).toBe(checklist)
})

test('a file that import did not write is never overwritten', async () => {
  await file('mine.md', 'my notes\n')
  const { code, err } = await holdpoint('import', await file('d.md', checklist), '-o', 'mine.md')
  expect(code).toBe(2)
  expect(err).toContain('mine.md exists and is no copy that import wrote')
  expect(await read('mine.md')).toBe('my notes\n')
})

test('an earlier copy keeps its blocks, and what was changed in it by hand is kept beside it', async () => {
  const name = await file('e.md', checklist)
  await holdpoint('import', name, '-o', 'e.out.md')
  const before = await read('e.out.md')
  const edited = before.replace('read the changes\r\n', 'read the changes\r\n  ```sh check\r\n  true\r\n  ```\r\n')
  await writeFile(join(folder, 'e.out.md'), edited.replace('Agreed', 'Discussed'))
  await writeFile(join(folder, name), checklist.replace('## Ready', 'New words.\r\n\r\n## Ready'))
  const { err } = await holdpoint('import', name, '-o', 'e.out.md')
  expect(err).toContain('with 1 block, 1 of them from before')
  expect(await read('e.out.md')).toContain('New words.')
  expect(await read('e.out.md')).toContain('  ```sh check\r\n  true\r\n  ```\r\n')
  expect(err).toContain('e.out.md had been changed by hand')
  expect(await read('e.out.md.before')).toContain('Discussed')
})

test('damaged text is said, and mended in the copy on request', async () => {
  const broken = await file('f.md', '- [ ] DÃ©ployÃ© ðŸš€\n')
  const told = await holdpoint('import', broken)
  expect(told.code).toBe(0)
  expect(told.out).toContain('UTF-8 that was once read as Windows-1252: 3 places')
  const { err } = await holdpoint('import', broken, '--repair', '-o', 'f.out.md')
  expect(err).toContain('mended 3 damaged places')
  expect(await read('f.out.md')).toContain('- [ ] Déployé 🚀\n')
})

test('bytes that are no UTF-8 are exit 2, with the way out', async () => {
  const name = await file('g.md', Uint8Array.of(...Buffer.from('- [ ] caf'), 0xe9, 0x0a))
  const { code, out } = await holdpoint('import', name)
  expect(code).toBe(2)
  expect(out).toContain('☛ café')
  expect((await holdpoint('import', name, '-o', 'g.out.md')).err).toContain('--repair')
  expect((await holdpoint('import', name, '-o', 'g.out.md', '--repair')).code).toBe(0)
})

test('a document without any step cannot become a checklist', async () => {
  const name = await file('h.md', 'only words\n')
  expect((await holdpoint('import', name)).code).toBe(0)
  const { code, err } = await holdpoint('import', name, '-o', 'h.out.md')
  expect(code).toBe(2)
  expect(err).toContain('a document without a single step')
})

test('a file that is not there, and an option that makes no sense, are wrong usage', async () => {
  expect((await holdpoint('import', 'nowhere.md')).code).toBe(2)
  const { code, err } = await holdpoint('import', await file('i.md', checklist), '--accept', 'reads')
  expect(code).toBe(2)
  expect(err).toContain('-o i.holdpoint.md --accept reads')
})

test('what cannot be read or written is named, with what was expected', async () => {
  await mkdir(join(folder, 'a-folder'))
  const name = await file('plain.md', checklist)
  expect((await holdpoint('import', 'a-folder')).err).toContain('a-folder: it is a folder, a file is expected')
  expect((await holdpoint('lint', 'a-folder')).err).toContain('a-folder: it is a folder, a file is expected')
  expect((await holdpoint('import', name, '-o', 'a-folder')).err).toContain('a-folder: it is a folder')
  const nowhere = await holdpoint('import', name, '-o', 'nowhere/b.md', '--accept', 'all')
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('there is no folder nowhere') })
  const program = await holdpoint('import', await file('program.md', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0xff)))
  expect(program).toMatchObject({ code: 2, err: expect.stringContaining('program.md is no text, expected Markdown') })
  const option = await holdpoint('import', name, '--nothing')
  expect(option.err).toContain('for example  holdpoint import RELEASE.md -o RELEASE.holdpoint.md')
})

test('a copy behind a link is written where the link leads', async () => {
  await mkdir(join(folder, 'copies'))
  const name = await file('linked.md', '# Shop\n\n- [ ] `npm test` passes\n')
  await holdpoint('import', name, '-o', 'copies/linked.md')
  await symlink(join(folder, 'copies/linked.md'), join(folder, 'link.md'))
  expect((await holdpoint('import', name, '-o', 'link.md', '--accept', 'reads')).code).toBe(0)
  expect(await read('copies/linked.md')).toContain('```sh check')
})

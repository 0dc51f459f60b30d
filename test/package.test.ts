/** The package as npm installs it: no TypeScript in it runs, no dependency is missing, the program works from node_modules. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { webPages } from '../src/app/web-pages.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
let folder: string
let installed: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-package-'))
  execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'pipe' })
  webPages()
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  })
  installed = join(folder, 'node_modules', 'holdpoint')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['xzf', join(folder, packed.trim()), '--strip-components=1', '-C', installed])
  linkDependencies()
  writeFileSync(join(folder, 'release.md'), checklist)
})
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }))

const checklist = [
  '---',
  'holdpoint: 1',
  'service: shop',
  '---',
  '## Gate',
  '',
  '- [ ] The shell answers',
  '  ```sh check',
  '  echo yes',
  '  ```',
  '',
].join('\n')

/** Only what the package itself declares: a library that only development installs would be missing, as it would be for a user. */
function linkDependencies(): void {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const wanted = Object.keys(manifest.dependencies)
  const linked = new Set<string>()
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const from = join(root, 'node_modules', name)
    if (linked.has(name) || !existsSync(from)) continue
    linked.add(name)
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(from, join(folder, 'node_modules', name))
  }
}

function holdpoint(...args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(installed, 'bin', 'holdpoint.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, HOLDPOINT_HOME: join(folder, 'home'), HOLDPOINT_ENGINE_IDLE: '100ms' },
  })
  return { status, out: stdout, err: stderr }
}

test('it holds the program and no sources that would not run there', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
  expect(files).toContain(join('dist', 'src', 'cli', 'main.js'))
  expect(files.filter((file) => file.endsWith('.test.js') || file.endsWith('.test.ts'))).toEqual([])
  expect(existsSync(join(installed, 'src'))).toBe(false)
})

test('it holds the pages, and the licences of what is in them', () => {
  expect(existsSync(join(installed, 'dist', 'web', 'index.html'))).toBe(true)
  const notice = readFileSync(join(installed, 'dist', 'web', 'licences.md'), 'utf8')
  expect(notice).toMatch(/^## preact - \d/m)
  expect(notice).toContain('Copyright')
})

test('it serves those pages', async () => {
  const args = [
    join(installed, 'bin', 'holdpoint.js'),
    'serve',
    '--port',
    '0',
    '--json',
    '--store',
    join(folder, 'served'),
  ]
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stdout }).once('line', resolve)
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
    const { address } = JSON.parse(line) as { address: string }
    const page = await fetch(address)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? ''
    expect((await fetch(`${address}${script}`)).status).toBe(200)
  } finally {
    server.kill()
    await new Promise((resolve) => server.once('close', resolve))
  }
})

test('it says its version', () => {
  expect(holdpoint('version')).toMatchObject({ status: 0, out: expect.stringContaining('holdpoint ') as string })
})

test('it plans a checklist', () => {
  const { status, out, err } = holdpoint('plan', 'release.md', '--json')
  expect({ status, err }).toMatchObject({ status: 0 })
  expect(JSON.parse(out)).toMatchObject({ service: 'shop' })
})

test('it runs one to its end, with engine and launcher of its own', () => {
  const { status, out, err } = holdpoint('run', 'release.md', '--version', '1', '--yes')
  expect(`${out}${err}`).toContain('closed')
  expect(status).toBe(0)
})

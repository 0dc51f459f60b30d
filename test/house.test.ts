/** The house as docs/architecture.md draws it: who may import whom, what the core never touches, how large a room gets. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const LONGEST_FILE = 500

/** Folder (or file) to what it may import of ours. Every room may import itself; the first line that fits a path counts. */
const arrows: readonly (readonly [room: string, mayImport: readonly string[]])[] = [
  ['src/core/', []],
  ['src/actions/', ['src/core/']],
  ['src/checks/', ['src/core/']],
  ['src/metrics/', ['src/core/']],
  ['src/traffic/', ['src/core/']],
  ['src/notify/', ['src/core/']],
  ['src/store/', ['src/core/']],
  ['src/engine/', ['src/core/']],
  ['src/worker/', ['src/core/']],
  ['src/import/', ['src/core/']],
  ['src/report/', ['src/core/']],
  ['src/api/', ['src/engine/', 'src/report/', 'src/import/', 'src/core/', 'src/config/']],
  [
    'src/cli/',
    [
      'src/api/client',
      'src/api/open-client',
      'src/api/ssh-signature',
      'src/api/wire/',
      'src/report/',
      'src/import/',
      'src/core/',
      'src/config/',
      'src/app/',
      'demo/',
    ],
  ],
  ['src/config/', []],
  ['src/app/', ['src/', 'demo/']],
  ['src/observe/', ['src/core/', 'src/api/']],
  ['web/', ['src/api/wire/']],
  ['sim/', ['src/core/', 'src/engine/', 'src/store/memory']],
  ['demo/', ['src/core/', 'src/api/client', 'src/api/open-client', 'src/api/wire/', 'src/report/', 'src/config/']],
]

/** Pure libraries: no clock, no disk, no network inside. */
const librariesOfTheCore = ['markdown-it', 'yaml', 'zod', '@marcbachmann/cel-js', 're2js', '@noble/hashes']

const sources = ['src', 'sim', 'demo', 'web']
  .flatMap((folder) => filesUnder(folder))
  .filter((file) => /\.tsx?$/.test(file))
const program = sources.filter((file) => !/\.(test|contract|fixture)\.ts$|(^|\/)(test-)?support\//.test(file))

test('every import follows an arrow of the architecture', () => {
  const wrong = program.flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(file, target))
      .map((target) => `${file} imports ${target}`),
  )
  expect(wrong).toEqual([])
  expect(program.flatMap(importsOf).length).toBeGreaterThan(100)
})

test('the core imports nothing of Node and only pure libraries', () => {
  const core = program.filter((file) => file.startsWith('src/core/'))
  expect(core.length).toBeGreaterThan(10)
  const wrong = core.flatMap((file) =>
    packagesOf(file)
      .filter((name) => !librariesOfTheCore.includes(name))
      .map((name) => `${file} imports ${name}`),
  )
  expect(wrong).toEqual([])
})

test('the core reads no clock, draws no number, logs nothing and touches nothing outside', () => {
  const forbidden =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bconsole\.|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(|\bperformance\.now\b|\bprocess\.|\brandomUUID\b/g
  const wrong = program
    .filter((file) => file.startsWith('src/core/'))
    .flatMap((file) => [...codeOf(file).matchAll(forbidden)].map((found) => `${file}: ${found[0]}`))
  expect(wrong).toEqual([])
})

test('only dependencies of the package are imported, and none that a shipped file needs is for development', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const wrong = program
    .filter((file) => !file.startsWith('sim/') && !file.startsWith('web/'))
    .flatMap((file) =>
      packagesOf(file)
        .filter((name) => !name.startsWith('node:') && !(name in manifest.dependencies))
        .map((name) => `${file} imports ${name}`),
    )
  expect(wrong).toEqual([])
})

test('the pages take types from the program, and nothing that runs', () => {
  const pages = program.filter((file) => file.startsWith('web/'))
  expect(pages.length).toBeGreaterThan(10)
  const wrong = pages.filter((file) =>
    /(?:^|\n)\s*(?:import|export)\s+(?!type\b)[^'"]*?from\s*['"][^'"]*src\/api\/wire\//.test(codeOf(file)),
  )
  expect(wrong).toEqual([])
})

test('no file is longer than a person reads in one go', () => {
  const all = [
    ...sources,
    ...['test', 'bench', 'scripts'].flatMap((folder) => filesUnder(folder)).filter((file) => /\.(ts|js)$/.test(file)),
  ]
  const long = all
    .map((file) => ({ file, lines: textOf(file).split('\n').length }))
    .filter(({ lines }) => lines > LONGEST_FILE)
  expect(long).toEqual([])
})

test('every file opens by saying its one responsibility', () => {
  expect(program.filter((file) => !/^(#!.*\n)?\/\*\*?\s/.test(textOf(file)))).toEqual([])
})

test('no drawer is called utils or helpers', () => {
  expect(sources.filter((file) => /(^|\/)(utils?|helpers?|misc)(\.ts|\/)/.test(file))).toEqual([])
})

test('the lock file holds no address of a registry', () => {
  expect(textOf('package-lock.json')).not.toContain('"resolved"')
})

test('the tests run under the Node that Holdpoint needs', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
})

function isAllowed(file: string, target: string): boolean {
  const found = arrows.find(([room]) => file.startsWith(room))
  if (found === undefined) return false
  const [room, mayImport] = found
  return target.startsWith(room) || mayImport.some((allowed) => target.startsWith(allowed))
}

/** Our own files that a file imports, by value or by type, as paths from the root. */
function importsOf(file: string): readonly string[] {
  return specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(root, resolve(root, dirname(file), specifier)))
}

function packagesOf(file: string): readonly string[] {
  return specifiersOf(file)
    .filter((specifier) => !specifier.startsWith('.'))
    .map((specifier) =>
      specifier.startsWith('node:')
        ? specifier
        : specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
    )
}

function specifiersOf(file: string): readonly string[] {
  const pattern =
    /(?:^|[\s;])(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g
  return [...codeOf(file).matchAll(pattern)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')
}

function codeOf(file: string): string {
  return textOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/[^\n]*/g, '$1')
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

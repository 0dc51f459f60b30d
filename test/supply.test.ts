/** What the program is made of: few packages, each pinned by its digest, none that runs anything while it is installed. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { webPages } from '../src/app/web-pages.ts'
import { bomOf, bundledIn, readLock, shippedIn } from '../scripts/sbom.ts'

/** Raised on purpose only: each package more is somebody more to trust. */
const MOST_PACKAGES = 60
/** Licences that a team may ship without asking anyone. */
const allowed = [
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'PSF-2.0',
  'BlueOak-1.0.0',
]

const lock = readLock()
const shipped = shippedIn(lock)
const bundled = bundledIn(lock)
type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest

test('no package runs a script when it is installed, also none that is for development', () => {
  const running = Object.entries(lock.packages)
    .filter(([, entry]) => 'hasInstallScript' in entry)
    .map(([path]) => path)
  expect(running).toEqual([])
  expect(readFileSync(new URL('../.npmrc', import.meta.url), 'utf8')).toContain('strict-allow-scripts=true')
})

test('each package is pinned by its version and its digest', () => {
  const loose = Object.entries(lock.packages).filter(
    ([path, { integrity }]) => path !== '' && integrity?.startsWith('sha512-') !== true,
  )
  expect(loose.map(([path]) => path)).toEqual([])
  const ranges = Object.values({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  })
  expect(ranges.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

test(`an installation brings at most ${MOST_PACKAGES} packages, under licences that ask for nothing`, () => {
  expect(shipped.length).toBeLessThanOrEqual(MOST_PACKAGES)
  const others = [...shipped, ...bundled].filter((path) => !allowed.includes(lock.packages[path]?.license ?? 'none'))
  expect(others.map((path) => `${path}: ${lock.packages[path]?.license}`)).toEqual([])
})

test('the bill of materials names each of them, with its digest, licence and what it needs', () => {
  const bom = bomOf(lock)
  expect(bom.components).toHaveLength(shipped.length + bundled.length)
  const refs = new Set(bom.components.map((component) => component['bom-ref']))
  for (const { name, hashes, licenses } of bom.components) {
    expect([name, hashes[0]?.content]).toEqual([name, expect.stringMatching(/^[0-9a-f]{128}$/)])
    expect([name, licenses.length]).toEqual([name, 1])
  }
  const [own, ...others] = bom.dependencies
  const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
  expect(own?.dependsOn.length).toBe(direct.length + bundled.length)
  for (const { ref, dependsOn } of [own!, ...others]) {
    if (ref !== own?.ref) expect(refs).toContain(ref)
    for (const needed of dependsOn) expect(refs).toContain(needed)
  }
  // Whoever is named is needed by somebody: nothing in the lock is left over.
  const needed = new Set(bom.dependencies.flatMap(({ dependsOn }) => dependsOn))
  expect([...refs].filter((ref) => !needed.has(ref))).toEqual([])
  expect(JSON.stringify(bomOf(readLock()))).toBe(JSON.stringify(bom))
})

test('the pages hold what the bill of materials says, with the licence of each beside them', () => {
  const { folder } = webPages()
  const notice = readFileSync(`${folder}/licences.md`, 'utf8')
  const held = [...notice.matchAll(/^## (\S+) - (\S+) \((.+)\)$/gm)].map(([, name, version]) => `${name}@${version}`)
  expect(held).toContain(`preact@${manifest.devDependencies['preact']}`)
  const known = bomOf(lock).components.map(({ name, version }) => `${name}@${version}`)
  expect(held.filter((one) => !known.includes(one))).toEqual([])
  expect(bundled).toEqual(['node_modules/preact'])
}, 120_000)

/** Writes what the program is made of, as CycloneDX JSON, from the lock file: `npm run sbom > sbom.cdx.json`. The same lock gives the same bytes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Locked {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly name: string
  readonly version: string
  readonly packages: Readonly<Record<string, Locked>>
}

export interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly scope: 'required' | 'optional'
  readonly licenses: readonly object[]
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly purl: string
  /** Says where it is, if not a package of its own in an installation. */
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
}

export interface Bom {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly version: 1
  readonly metadata: { readonly component: object }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

export function readLock(): Lock {
  return JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as Lock
}

/** Paths in the lock of everything that an installation brings, without what is for development. */
export function shippedIn(lock: Lock): readonly string[] {
  return Object.keys(lock.packages).filter((path) => path !== '' && lock.packages[path]?.dev !== true)
}

/** Paths in the lock of what is no dependency of an installation, because the built pages hold it already. */
export function bundledIn(lock: Lock): readonly string[] {
  const found = new Set<string>()
  const wanted = importedByPages().map((name) => `node_modules/${name}`)
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path) || locked(lock, path).dev !== true) continue
    found.add(path)
    wanted.push(...neededBy(lock, path))
  }
  return [...found].toSorted()
}

function importedByPages(): readonly string[] {
  const sources = fileURLToPath(new URL('../web/src', import.meta.url))
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(sources, file), 'utf8').matchAll(/^(?:import|\}) .*?from '([^.'][^']*)'$/gm),
    ])
    .map(([, specifier = '']) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  return [...new Set(names)]
}

export function bomOf(lock: Lock): Bom {
  const bundled = new Set(bundledIn(lock))
  const paths = [...shippedIn(lock), ...bundled]
  const root = purlOf(lock.name, lock.version)
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': root, name: lock.name, version: lock.version, purl: root },
    },
    components: paths.map((path) => ({
      ...componentOf(path, locked(lock, path)),
      ...(bundled.has(path) ? { properties: [{ name: 'holdpoint:within', value: 'dist/web' }] } : {}),
    })),
    dependencies: ['', ...paths].map((path) => ({
      ref: path === '' ? root : purlAt(lock, path),
      dependsOn: [...neededBy(lock, path), ...(path === '' ? bundled : [])].map((found) => purlAt(lock, found)),
    })),
  }
}

function componentOf(path: string, { version, license, integrity, optional }: Locked): Component {
  const purl = purlOf(nameOf(path), version)
  const [algorithm = '', digest = ''] = integrity?.split('-') ?? []
  return {
    type: 'library',
    'bom-ref': purl,
    name: nameOf(path),
    version,
    scope: optional === true ? 'optional' : 'required',
    licenses: license === undefined ? [] : [{ license: { id: license } }],
    hashes: algorithm === 'sha512' ? [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] : [],
    purl,
  }
}

/** As Node looks for them: beside the package first, then one folder further up each time. */
function neededBy(lock: Lock, path: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = locked(lock, path)
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const wanted = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
      if (lock.packages[wanted] !== undefined) return [wanted]
      if (at === '') return []
    }
  })
}

function locked(lock: Lock, path: string): Locked {
  const found = lock.packages[path]
  if (found === undefined) throw new Error(`the lock file has no ${path}`)
  return found
}

function purlAt(lock: Lock, path: string): string {
  return purlOf(nameOf(path), locked(lock, path).version)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(bomOf(readLock()), null, 2))

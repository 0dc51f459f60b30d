/** Archives that were made to hurt whoever looks into them: the verifier unpacks nothing, follows nothing, and says no. */
import { execFileSync } from 'node:child_process'
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
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BadTar, readTar, writeTar } from './tar.ts'
import { verifyBundle } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-hostile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bytes = (text: string) => new TextEncoder().encode(text)
const block = 512

/** A tar as other programs make it, with whatever stands in a folder. */
function tarOf(name: string, fill: (at: string) => void, flags: readonly string[] = []): Uint8Array {
  const at = join(folder, name)
  mkdirSync(at)
  fill(at)
  const file = join(folder, `${name}.tar`)
  execFileSync('tar', ['--format=ustar', '-cf', file, '-C', at, ...flags, ...readdirSync(at)], { stdio: 'pipe' })
  return readFileSync(file)
}

/** As `writeTar`, with a header changed before its sum is made anew. */
function withHeader(change: (header: Uint8Array) => void): Uint8Array {
  const tar = writeTar([{ name: 'events.jsonl', bytes: bytes('{}') }], 0).slice()
  const header = tar.subarray(0, block)
  change(header)
  header.set(bytes('        '), 148)
  header.set(
    bytes(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
    ),
    148,
  )
  return tar
}

describe('an archive that', () => {
  const refused: Readonly<Record<string, () => Uint8Array>> = {
    'links out of itself': () => tarOf('symlink', (at) => symlinkSync('/etc/passwd', join(at, 'events.jsonl'))),
    'links twice to one file': () =>
      tarOf('hard', (at) => {
        writeFileSync(join(at, 'a'), 'x')
        execFileSync('ln', [join(at, 'a'), join(at, 'b')])
      }),
    'holds a pipe': () => tarOf('pipe', (at) => execFileSync('mkfifo', [join(at, 'events.jsonl')])),
    'holds a folder': () => tarOf('folder', (at) => mkdirSync(join(at, 'evidence'))),
    'has headers of its own sort': () =>
      tarOf('pax', (at) => writeFileSync(join(at, 'x'.repeat(150)), 'x'), ['--format=pax']),
    'has a hole': () =>
      tarOf('sparse', (at) => execFileSync('truncate', ['-s', '64M', join(at, 'events.jsonl')]), [
        '--sparse',
        '--format=gnu',
      ]),
    'says that a file has eight gigabytes': () => withHeader((header) => header.set(bytes('77777777777'), 124)),
    'says so in binary': () => withHeader((header) => header.set([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], 124)),
    'calls a file a link': () => withHeader((header) => header.set(bytes('2'), 156)),
    'lies about its sum': () => {
      const tar = writeTar([{ name: 'a', bytes: bytes('x') }], 0).slice()
      tar[0] = 0x62
      return tar
    },
    'is compressed': () => {
      writeFileSync(join(folder, 'bomb'), writeTar([{ name: 'events.jsonl', bytes: new Uint8Array(32 << 20) }], 0))
      execFileSync('gzip', ['-9kf', join(folder, 'bomb')])
      return readFileSync(join(folder, 'bomb.gz'))
    },
    'is a zip': () => Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(2_000)]),
  }

  test.each(Object.entries(refused))('%s is broken, and nothing of it is opened', (_name, make) => {
    const tar = make()
    expect(() => readTar(tar)).toThrow(BadTar)
    expect(verifyBundle(tar)).toMatchObject({ verdict: 'broken', statement: null })
  })

  test('names files beyond its place writes nothing there', () => {
    const targets = [
      '../../slipped',
      '/tmp/slipped-absolutely',
      'evidence/../../slipped',
      '..\\slipped',
      'C:\\slipped',
      '.',
      '..',
    ]
    for (const name of targets) {
      const before = readdirSync(folder)
      expect(verifyBundle(writeTar([{ name, bytes: bytes('x') }], 0)).verdict).toBe('broken')
      expect(readdirSync(folder)).toEqual(before)
    }
    expect(existsSync('/tmp/slipped-absolutely')).toBe(false)
  })

  test('names the members of every object is only names', () => {
    const tar = writeTar(
      ['__proto__', 'constructor', 'toString', 'key.pub'].map((name) => ({
        name,
        bytes: bytes('{"__proto__":{"x":1}}'),
      })),
      0,
    )
    expect(verifyBundle(tar).verdict).toBe('broken')
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('has fifty thousand files, or a text nested a million deep, is looked at and done with', () => {
    const many = writeTar(
      Array.from({ length: 50_000 }, (_, index) => ({ name: `evidence/${index}`, bytes: bytes('') })),
      0,
    )
    expect(readTar(many)).toHaveLength(50_000)
    expect(verifyBundle(many).verdict).toBe('broken')
    const deep = bytes(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`)
    for (const name of ['key.pub', 'statement.dsse.json', 'plan.json', 'events.jsonl'])
      expect(verifyBundle(writeTar([{ name, bytes: deep }], 0)).verdict).toBe('broken')
  }, 120_000)
})

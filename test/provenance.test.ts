/** The provenance of a release: signed over its bytes, its commit and its lock file, and found when any of it is changed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkProvenance, provenanceOf, sourceOf } from '../scripts/provenance.ts'
import { signerOf } from '../src/report/signer.ts'
import { sealEnvelope } from '../src/report/statement.ts'

const key = generateKeyPairSync('ed25519').privateKey
const signer = signerOf(key)
const tarball = Buffer.from('the bytes of a release')
const source = { commit: 'c0'.repeat(20), lockSha256: 'ab'.repeat(32), node: 'v24.0.0' }
const envelope = provenanceOf('holdpoint-1.0.0.tgz', tarball, source, signer)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-provenance-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the provenance says from which commit and lock file a release was made', () => {
  expect(checkProvenance(tarball, envelope, signer.publicKeyPem)).toEqual(source)
  const { payload, payloadType } = JSON.parse(envelope) as { payload: string; payloadType: string }
  expect(payloadType).toBe('application/vnd.in-toto+json')
  expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [{ name: 'holdpoint-1.0.0.tgz', digest: { sha256: createHash('sha256').update(tarball).digest('hex') } }],
  })
})

test('a changed byte of the release or of its provenance is found, wherever it is', () => {
  for (let at = 0; at < tarball.length; at += 1) {
    const changed = Buffer.from(tarball)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(checkProvenance(changed, envelope, signer.publicKeyPem)).toMatch(/^other bytes were signed/)
  }
  const passed: number[] = []
  for (let at = 0; at < envelope.length; at += 1) {
    const changed = Buffer.from(envelope)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    if (typeof checkProvenance(tarball, changed.toString(), signer.publicKeyPem) !== 'string') passed.push(at)
  }
  expect(passed).toEqual([])
})

test('a provenance of another key, or of something else that this key signed, is none', () => {
  const other = signerOf(generateKeyPairSync('ed25519').privateKey)
  expect(checkProvenance(tarball, envelope, other.publicKeyPem)).toMatch(/envelope is not as its signer wrote it/)
  const record = sealEnvelope({ _type: 'https://in-toto.io/Statement/v1', predicateType: 'x', subject: [] }, signer)
  expect(checkProvenance(tarball, record, signer.publicKeyPem)).toBe('what is signed is no provenance of a release')
  expect(checkProvenance(tarball, 'no JSON', signer.publicKeyPem)).toMatch(/^the envelope or the key cannot be read/)
})

test('a release is signed from a commit only, not from files that differ from it', () => {
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.com', ...words], { cwd: folder })
  git('init', '-q')
  writeFileSync(join(folder, 'package-lock.json'), '{}\n')
  git('add', '.')
  git('commit', '-q', '-m', 'first')
  for (const own of ['a-1.0.0.tgz', 'a-1.0.0.tgz.provenance.json']) writeFileSync(join(folder, own), '')
  const found = sourceOf(folder)
  expect(found.commit).toBe(git('rev-parse', 'HEAD').toString().trim())
  expect(found.lockSha256).toBe(createHash('sha256').update('{}\n').digest('hex'))
  writeFileSync(join(folder, 'more.ts'), '')
  expect(() => sourceOf(folder)).toThrow(/more\.ts/)
  writeFileSync(join(folder, 'package-lock.json'), '{ }\n')
  expect(() => sourceOf(folder)).toThrow(/differ from the commit.*\n.*package-lock\.json/)
})

test('the command says no with its exit code', () => {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('release.tgz'), tarball)
  writeFileSync(at('other.tgz'), 'other bytes')
  writeFileSync(at('provenance.json'), envelope)
  writeFileSync(at('key.pub'), createPublicKey(key).export({ type: 'spki', format: 'pem' }))
  const script = new URL('../scripts/provenance.ts', import.meta.url).pathname
  const verify = (file: string) =>
    spawnSync(process.execPath, [script, at(file), '--verify', at('provenance.json'), '--key', at('key.pub')], {
      encoding: 'utf8',
    })
  expect(verify('release.tgz')).toMatchObject({ status: 0, stdout: expect.stringContaining(source.commit) as string })
  expect(verify('other.tgz')).toMatchObject({ status: 1, stderr: expect.stringContaining('other bytes') as string })
  expect(spawnSync(process.execPath, [script], { encoding: 'utf8' })).toMatchObject({ status: 2 })
})

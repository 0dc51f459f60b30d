import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SignatureFault, signDecision, signerOf } from './ssh-signature.ts'
import { type SignedDecision, statementOf } from './wire/signed-decision.ts'

const approval: SignedDecision = {
  verb: 'approve',
  release: 'r1',
  subject: 'go-live',
  seen: 'a'.repeat(64),
  role: 'engineer',
}
let folder = ''
const keyFile = (name: string): string => join(folder, name)
const publicKey = (name: string): string => readFileSync(`${keyFile(name)}.pub`, 'utf8').trim()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-keys-'))
  for (const name of ['ana', 'ben']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', keyFile(name)])
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const members = () => [
  { id: 'ben@example.com', key: publicKey('ben') },
  { id: 'ana@example.com', key: publicKey('ana') },
]

test('a signature by a listed key is that member, whatever order they are listed in', async () => {
  const signature = await signDecision(approval, 'ana@example.com', keyFile('ana'))
  expect(await signerOf(approval, signature, members())).toBe('ana@example.com')
})

test('the line of an approval stays what it always was', () => {
  expect(statementOf(approval, 'ana')).toBe(`holdpoint approve r1 go-live ${'a'.repeat(64)} as ana role engineer\n`)
  expect(statementOf({ ...approval, role: null }, 'ana')).toMatch(/ as ana role -\n$/)
})

test('a key that is not listed, or a member without a key, proves nobody', async () => {
  const signature = await signDecision(approval, 'ana@example.com', keyFile('ana'))
  expect(await signerOf(approval, signature, [{ id: 'ben@example.com', key: publicKey('ben') }])).toBeNull()
  expect(await signerOf(approval, signature, [{ id: 'ana@example.com', key: null }])).toBeNull()
})

test('a signature fits no other decision, release, step, digest or role', async () => {
  const signature = await signDecision(approval, 'ana@example.com', keyFile('ana'))
  const others: readonly SignedDecision[] = [
    { ...approval, verb: 'confirm' },
    { ...approval, release: 'r2' },
    { ...approval, subject: 'rollout' },
    { ...approval, seen: 'b'.repeat(64) },
    { ...approval, role: null },
  ]
  for (const other of others) expect(await signerOf(other, signature, members())).toBeNull()
})

test('nobody signs in the name of another listed member', async () => {
  const signature = await signDecision(approval, 'ben@example.com', keyFile('ana'))
  expect(await signerOf(approval, signature, members())).toBeNull()
})

test('a signature made for another purpose is not an approval', async () => {
  const signature = execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', keyFile('ana')], {
    input: `holdpoint approve r1 go-live ${approval.seen} as ana@example.com role engineer\n`,
    stdio: ['pipe', 'pipe', 'ignore'],
    encoding: 'utf8',
  })
  expect(await signerOf(approval, signature, members())).toBeNull()
})

test('garbage in place of a signature, and ids that would be patterns, prove nobody', async () => {
  expect(await signerOf(approval, 'not a signature', members())).toBeNull()
  const signature = await signDecision(approval, '*', keyFile('ana'))
  expect(await signerOf(approval, signature, [{ id: '*', key: publicKey('ana') }])).toBeNull()
  const twoLines = { id: 'eve', key: `ssh-ed25519 AAAA\nana@example.com ${publicKey('ana')}` }
  expect(await signerOf(approval, signature, [twoLines])).toBeNull()
})

test('signing with a key that is not there says so', async () => {
  await expect(signDecision(approval, 'ana', keyFile('nobody'))).rejects.toThrow(SignatureFault)
})

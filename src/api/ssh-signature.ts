/** Decisions signed with a person's SSH key: signing one, and finding whose key it was. Needs `ssh-keygen`. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RoleMember } from '../core/plan/plan.ts'
import { type SignedDecision, statementOf } from './wire/signed-decision.ts'

const NAMESPACE = 'holdpoint'
/** `allowed_signers` reads its first field as patterns: an id with a star, a comma, a quote or a blank would mean other people too. */
const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/
const PUBLIC_KEY = /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\r\n]*)?$/

/** An armored signature over the statement, made with a key file or with a public key whose private half an agent holds. */
export async function signDecision(decision: SignedDecision, id: string, keyFile: string): Promise<string> {
  const result = await sshKeygen(['-Y', 'sign', '-n', NAMESPACE, '-f', keyFile], statementOf(decision, id))
  if (result.code !== 0)
    throw new SignatureFault(
      `ssh-keygen could not sign with ${keyFile}: ${result.stderr.trim() || `exit ${result.code}`}`,
    )
  return result.stdout
}

/** The member whose listed key made this signature over this very decision; null = nobody's. */
export async function signerOf(
  decision: SignedDecision,
  signature: string,
  members: readonly RoleMember[],
): Promise<string | null> {
  const withKeys = members.filter(
    (member) => member.key !== null && PLAIN_ID.test(member.id) && PUBLIC_KEY.test(member.key),
  )
  if (withKeys.length === 0) return null
  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-signature-'))
  try {
    const allowed = join(folder, 'allowed_signers')
    const signatureFile = join(folder, 'signature')
    await writeFile(
      allowed,
      withKeys.map((member) => `${member.id} namespaces="${NAMESPACE}" ${member.key}\n`).join(''),
      { mode: 0o600 },
    )
    await writeFile(signatureFile, signature, { mode: 0o600 })
    // Each member is tried with the statement that names that member: a key listed under two ids signs for the one it named.
    for (const id of new Set(withKeys.map((member) => member.id))) {
      const verified = await sshKeygen(
        ['-Y', 'verify', '-f', allowed, '-I', id, '-n', NAMESPACE, '-s', signatureFile],
        statementOf(decision, id),
      )
      if (verified.code === 0) return id
    }
    return null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The tool is missing or refused the key: nothing is known about the signature. */
export class SignatureFault extends Error {
  override name = 'SignatureFault'
}

function sshKeygen(args: readonly string[], input: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh-keygen', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    child.on('error', (cause) => reject(new SignatureFault(`ssh-keygen does not start: ${cause.message}`, { cause })))
    child.on('close', (code) => resolve({ code: code ?? 255, stdout, stderr }))
    // It may end before it has read the statement, for instance on a broken key; its exit code tells.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

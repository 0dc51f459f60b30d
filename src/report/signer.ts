/** The key that signs an engine's bundles. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Signer {
  /** sha-256 (hex) of the public key in DER form: what a verifier is told to trust. */
  readonly fingerprint: string
  readonly publicKeyPem: string
  sign(bytes: Uint8Array): Uint8Array
}

/** Opens the directory's signing key (Ed25519, mode 0600), making it on first use. */
export function openSigner(directory: string): Signer {
  const file = join(directory, 'signing-key.pem')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  return signerOf(createPrivateKey(readOrMake(file)))
}

export function signerOf(key: KeyObject): Signer {
  const publicKeyPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  return {
    fingerprint: fingerprintOf(publicKeyPem),
    publicKeyPem,
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  }
}

/** sha-256 (hex) over the DER bytes of a public key. Throws for what is no Ed25519 key. */
export function fingerprintOf(publicKeyPem: string): string {
  const key = createPublicKey(publicKeyPem)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`a bundle is signed with Ed25519, not with ${key.asymmetricKeyType}`)
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** Raw 32 bytes of an Ed25519 public key: the end of its DER form. */
export function rawPublicKey(publicKeyPem: string): Uint8Array {
  return new Uint8Array(createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }).subarray(-32))
}

export function isSignedBy(publicKeyPem: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, createPublicKey(publicKeyPem), signature)
}

function readOrMake(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
  }
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, made, { mode: 0o600, flush: true })
  try {
    // A link fails where a rename would replace: of two first uses one key stays, and both use it.
    linkSync(draft, file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8')
}

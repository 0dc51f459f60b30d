/**
 * Signs where a packed release comes from, and checks it: SLSA provenance v1 as an in-toto statement in a DSSE envelope.
 *
 *   openssl genpkey -algorithm ed25519 -out ~/release-key.pem
 *   openssl pkey -in ~/release-key.pem -pubout -out ~/release-key.pub
 *   npm run --silent provenance -- holdpoint-1.0.0.tgz --key ~/release-key.pem > holdpoint-1.0.0.tgz.provenance.json
 *   npm run --silent provenance -- holdpoint-1.0.0.tgz --verify holdpoint-1.0.0.tgz.provenance.json --key ~/release-key.pub
 */
import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { fingerprintOf, type Signer, signerOf } from '../src/report/signer.ts'
import { openEnvelope, sealEnvelope, statementType } from '../src/report/statement.ts'

const predicateType = 'https://slsa.dev/provenance/v1'
const buildType = 'urn:holdpoint:npm-pack:1'
/** What signing itself leaves beside the source: none of it is packed. */
const ownFiles = [':(exclude,glob)*.tgz', ':(exclude,glob)*.provenance.json']
const root = fileURLToPath(new URL('..', import.meta.url))

/** What the release was made from. */
export interface Source {
  /** Full hash of the commit. */
  readonly commit: string
  /** sha-256 (hex) of package-lock.json in that commit. */
  readonly lockSha256: string
  /** Of Node, such as v24.1.0. */
  readonly node: string
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const statementShape = z.object({
  _type: z.literal(statementType),
  predicateType: z.literal(predicateType),
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha256 }) })]),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.literal(buildType),
      externalParameters: z.object({ command: z.string() }),
      internalParameters: z.object({ node: z.string() }),
      resolvedDependencies: z.tuple([
        z.object({ name: z.literal('source'), digest: z.object({ gitCommit: z.string().regex(/^[0-9a-f]{40,64}$/) }) }),
        z.object({ name: z.literal('package-lock.json'), digest: z.object({ sha256 }) }),
      ]),
    }),
    runDetails: z.object({ builder: z.object({ id: z.string() }) }),
  }),
})

/** The envelope's text. The same bytes, source and key give the same text. */
export function provenanceOf(name: string, tarball: Uint8Array, source: Source, signer: Signer): string {
  const statement: z.infer<typeof statementShape> = {
    _type: statementType,
    predicateType,
    subject: [{ name, digest: { sha256: digestOf(tarball) } }],
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { command: 'npm pack' },
        internalParameters: { node: source.node },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: source.commit } },
          { name: 'package-lock.json', digest: { sha256: source.lockSha256 } },
        ],
      },
      // Nobody vouches for the machine of the build but whoever holds the key.
      runDetails: { builder: { id: `urn:holdpoint:release-key:${signer.fingerprint}` } },
    },
  }
  return sealEnvelope(statement, signer)
}

/** What the holder of this key says the bytes were made from, or in words why that is not known. */
export function checkProvenance(tarball: Uint8Array, envelope: string, publicKeyPem: string): Source | string {
  const opened = openedOr(envelope, publicKeyPem)
  if (typeof opened === 'string') return opened
  const { success, data } = statementShape.safeParse(opened.statement)
  if (!success) return 'what is signed is no provenance of a release'
  const [{ digest: signed }] = data.subject
  const found = digestOf(tarball)
  if (found !== signed.sha256) return `other bytes were signed: sha-256 ${signed.sha256}, found ${found}`
  const { internalParameters, resolvedDependencies } = data.predicate.buildDefinition
  const [source, lock] = resolvedDependencies
  return { commit: source.digest.gitCommit, lockSha256: lock.digest.sha256, node: internalParameters.node }
}

function openedOr(envelope: string, publicKeyPem: string): { readonly statement: unknown } | string {
  try {
    return openEnvelope(envelope, publicKeyPem, fingerprintOf(publicKeyPem))
  } catch (cause) {
    return `the envelope or the key cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

/** Throws when files differ from the commit: what was packed then comes from no commit. */
export function sourceOf(folder: string): Source {
  const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: folder, maxBuffer: 64 << 20 })
  const changed = git('status', '--porcelain', '--', '.', ...ownFiles)
    .toString()
    .trimEnd()
  if (changed !== '') throw new Error(`these differ from the commit; commit or remove them first:\n${changed}`)
  const commit = git('rev-parse', 'HEAD').toString().trim()
  return { commit, lockSha256: digestOf(git('show', `${commit}:package-lock.json`)), node: process.version }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function main(): number {
  const options = { key: { type: 'string' }, verify: { type: 'string' } } as const
  const { positionals, values } = parseArgs({ allowPositionals: true, options })
  const [file] = positionals
  if (file === undefined || positionals.length > 1 || values.key === undefined) {
    console.error('usage: npm run provenance -- TARBALL --key KEY.pem [--verify PROVENANCE.json]')
    return 2
  }
  const [tarball, key] = [readFileSync(file), readFileSync(values.key, 'utf8')]
  if (values.verify === undefined) {
    process.stdout.write(provenanceOf(basename(file), tarball, sourceOf(root), signerOf(createPrivateKey(key))))
    return 0
  }
  const publicKeyPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  const found = checkProvenance(tarball, readFileSync(values.verify, 'utf8'), publicKeyPem)
  if (typeof found === 'string') {
    console.error(`${file}: ${found}`)
    return 1
  }
  console.log(`${file} comes from commit ${found.commit}, with package-lock.json sha-256 ${found.lockSha256}`)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main()
  } catch (cause) {
    console.error(`provenance: ${cause instanceof Error ? cause.message : String(cause)}`)
    process.exitCode = 2
  }
}

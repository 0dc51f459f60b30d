/** A bundle proves itself: to us, to public tools, and against every change of a byte. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../core/log/canonical.ts'
import { sealEvents } from '../core/log/chain.ts'
import type { Plan, StepPlan } from '../core/plan/plan.ts'
import { planDigest, stepDigest } from '../core/plan/plan-digest.ts'
import { StoreFault } from '../core/ports/store.ts'
import type { Store } from '../core/ports/store.ts'
import { makeBundle } from './bundle.ts'
import type { BundleParts } from './bundle.ts'
import { gatherBundle } from './gather.ts'
import { openSigner, signerOf } from './signer.ts'
import { signStatement } from './statement.ts'
import { readTar, writeTar } from './tar.ts'
import { batches, evidence, evidenceBytes, toldRelease } from './test-support/told-release.ts'
import { verifyBundle } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signer = openSigner(folder)
const { events } = toldRelease()
const parts: BundleParts = {
  events,
  evidence: new Map([[evidence.sha256, evidenceBytes]]),
  batches,
  signer,
  now: Date.UTC(2026, 10, 21, 8),
}
const bundle = makeBundle(parts)
const key = signer.fingerprint

/** The same release with another plan, and its chain hashed anew. */
function withPlan(change: (plan: Plan) => Plan): typeof events {
  const [first, ...rest] = events
  if (first?.event.kind !== 'ReleaseStarted') throw new Error('the told release begins otherwise')
  const news = [{ ...first, event: { ...first.event, plan: change(first.event.plan) } }, ...rest]
  return sealEvents('release/r1', '0'.repeat(64), 0, news).map(({ stored }, index) => ({
    ...stored,
    position: index + 1,
  })) as unknown as typeof events
}

function inFormat2(plan: Plan): Plan {
  const steps = plan.steps.map((step) => ({ ...step, digest: stepDigest(step) }))
  const next = { ...plan, format: 2 as const, source: { ...plan.source, sha256: sha256Hex(plan.document) }, steps }
  return { ...next, digest: planDigest(next) }
}

describe('a bundle', () => {
  test('verifies with the trusted fingerprint, in either spelling, or the key itself', () => {
    for (const trusted of [key, `sha256:${key.toUpperCase()}`, signer.publicKeyPem])
      expect(verifyBundle(bundle, { key: trusted })).toMatchObject({
        verdict: 'verified',
        findings: [],
        fingerprint: key,
      })
    expect(verifyBundle(bundle, { key }).statement?.predicate).toMatchObject({
      release: 'r1',
      decision: 'rolled back',
      head: { version: events.length },
    })
  })

  test('without a trusted key it is intact, and the signer is nobody we know', () => {
    expect(verifyBundle(bundle).verdict).toBe('intact, signer unverified')
  })

  test('of somebody else is not verified by our key', () => {
    const other = makeBundle({ ...parts, signer: signerOf(generateKeyPairSync('ed25519').privateKey) })
    expect(verifyBundle(other).verdict).toBe('intact, signer unverified')
    expect(verifyBundle(other, { key }).verdict).toBe('broken')
    expect(verifyBundle(bundle, { key: 'not a key' }).verdict).toBe('broken')
  })

  test('is made of the same bytes each time', () => {
    expect(makeBundle(parts)).toEqual(bundle)
  })

  test('opens with tar and is checked with openssl, jq and sha256sum as its README says', () => {
    const place = mkdtempSync(join(folder, 'unpacked-'))
    writeFileSync(join(folder, 'bundle.tar'), bundle)
    execFileSync('tar', ['-xf', join(folder, 'bundle.tar'), '-C', place])
    expect(readdirSync(place).toSorted()).toEqual([
      'README.md',
      'chain.txt',
      'checkpoint',
      'document.md',
      'events.jsonl',
      'evidence',
      'key.pub',
      'measurements.jsonl',
      'plan.json',
      'report.json',
      'report.md',
      'statement.dsse.json',
    ])
    const readme = readTar(bundle).find(({ name }) => name === 'README.md')!
    const commands = new TextDecoder()
      .decode(readme.bytes)
      .split('## Without Holdpoint')[1]!
      .split('\n')
      .filter((line) => line.startsWith('    '))
    const out = execFileSync('bash', ['-euo', 'pipefail', '-c', commands.map((line) => line.slice(4)).join('\n')], {
      cwd: place,
      encoding: 'utf8',
    })
    expect(out).toContain(`${key}  -`)
    expect(out).toContain('Signature Verified Successfully')
    expect(out).toContain('events.jsonl: OK')
    expect(out).toContain(`${evidence.sha256}: OK`)
    expect(out).not.toMatch(/broken|FAILED/)
  })

  test('every changed byte is found', () => {
    const found = fc.property(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const mutated = bundle.slice()
      mutated[at] = mutated[at]! ^ change
      expect(verifyBundle(mutated, { key }).verdict).toBe('broken')
      expect(verifyBundle(mutated).verdict).toBe('broken')
    })
    fc.assert(found, { numRuns: 1000 })
  })

  test('cut, doubled and foreign bytes are found, and nothing makes the verifier throw', () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.uint8Array({ minLength: 1, maxLength: 600 }), (at, bytes) => {
        const inserted = Buffer.concat([bundle.subarray(0, at), bytes, bundle.subarray(at)])
        for (const bad of [bundle.slice(0, at), inserted, Buffer.concat([bundle, bytes]), bytes])
          expect(verifyBundle(bad).verdict).toBe('broken')
      }),
      { numRuns: 200 },
    )
  })

  test('a file that was removed, added, renamed or exchanged is found', () => {
    const files = readTar(bundle)
    const again = (made: typeof files) => verifyBundle(writeTar(made, parts.now / 1000), { key })
    expect(again(files).verdict).toBe('verified')
    for (const { name } of files) {
      expect(again(files.filter((file) => file.name !== name)).verdict, name).toBe('broken')
      expect(again(files.map((file) => (file.name === name ? { ...file, name: 'other' } : file))).verdict, name).toBe(
        'broken',
      )
      expect(
        again(files.map((file) => (file.name === name ? { ...file, bytes: new TextEncoder().encode('{}\n') } : file)))
          .verdict,
        name,
      ).toBe('broken')
    }
    expect(again([...files, { name: 'extra', bytes: new Uint8Array(3) }]).findings).toEqual([
      { level: 'broken', where: 'extra', say: 'was added: the statement does not name it' },
    ])
  })
})

describe('a signer that lies', () => {
  const verdictOf = (more: Partial<BundleParts>) => verifyBundle(makeBundle({ ...parts, ...more }), { key })
  const says = (more: Partial<BundleParts>) =>
    verdictOf(more)
      .findings.map(({ where, say }) => `${where} ${say}`)
      .join('; ')

  test('about an event is found by the chain', () => {
    const forged = events.map((event, index) => (index === 8 ? { ...event, by: { ...event.by, id: 'eve' } } : event))
    expect(says({ events: forged })).toContain('events.jsonl:9 event 9 was changed')
    expect(says({ events: events.toSpliced(8, 1) })).toContain('event 9 is missing')
  })

  test('about evidence or samples is found by their digests', () => {
    expect(says({ evidence: new Map([[evidence.sha256, new Uint8Array(7)]]) })).toContain(
      'does not have the hash that events name',
    )
    expect(says({ batches: batches.slice(1) })).toContain(
      'measurements.jsonl the samples of move are not those that event 25 recorded',
    )
    expect(says({ batches: batches.map((batch) => ({ ...batch, samples: [] })) })).toContain('measurements.jsonl')
  })

  test('about the plan is found by its digest', () => {
    expect(says({ events: withPlan((plan) => ({ ...plan, service: 'other' })) })).toContain(
      'events.jsonl:1 the plan does not have the digest it names',
    )
  })

  test('about the plan or a step is found by its digest, where that is made of those of the steps', () => {
    const found = 'events.jsonl:1 the plan does not have the digest it names'
    expect(says({ events: withPlan(inFormat2) })).toBe('')
    const withSteps = (change: (step: StepPlan) => object) =>
      withPlan((plan) => ({ ...inFormat2(plan), steps: inFormat2(plan).steps.map(change) as unknown as StepPlan[] }))
    expect(says({ events: withSteps((step) => ({ ...step, severity: 'warning' })) })).toContain(found)
    expect(says({ events: withSteps((step) => ({ ...step, line: step.line + 1 })) })).toContain(found)
    expect(says({ events: withSteps((step) => ({ ...step, more: true })) })).toContain(found)
    const document = 'Another text\n'
    expect(says({ events: withPlan((plan) => ({ ...inFormat2(plan), document })) })).toContain(found)
  })

  test('a statement of any shape at all is examined, not tripped over', () => {
    const files = readTar(bundle).filter(({ name }) => name !== 'statement.dsse.json')
    const types = { _type: 'https://in-toto.io/Statement/v1', predicateType: 'urn:holdpoint:release-record:1' }
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (whole, subject, predicate) => {
        for (const statement of [whole, { ...types, subject, predicate }]) {
          const bytes = new TextEncoder().encode(signStatement(statement as never, signer))
          const verdict = verifyBundle(writeTar([...files, { name: 'statement.dsse.json', bytes }], 0), { key })
          expect(verdict.verdict).toBe('broken')
        }
      }),
      { numRuns: 200 },
    )
  })

  test('evidence that the store had lost is told, not hidden', () => {
    expect(verdictOf({ evidence: new Map() })).toMatchObject({
      verdict: 'verified',
      findings: [
        {
          level: 'note',
          where: `evidence/${evidence.sha256}`,
          say: 'was already gone or changed when the bundle was made',
        },
      ],
    })
  })
})

describe('the signing key', () => {
  test('is made once, for its owner alone', () => {
    expect(statSync(join(folder, 'signing-key.pem')).mode & 0o777).toBe(0o600)
    expect(openSigner(folder).fingerprint).toBe(signer.fingerprint)
  })
})

test('a bundle is gathered from a store, without samples that the log does not speak of yet', async () => {
  const later = { ...batches[1]!, to: batches[1]!.to + 1000 }
  const store = {
    read: () => Promise.resolve(events),
    head: () => Promise.resolve(events.length),
    batches: () => Promise.resolve([...batches, later]),
    getEvidence: (sha256: string) => Promise.resolve(sha256 === evidence.sha256 ? evidenceBytes : null),
  } as Partial<Store> as Store
  expect(await gatherBundle(store, 'release/r1', parts)).toEqual(bundle)
  const changed = {
    ...store,
    getEvidence: () => Promise.reject(new StoreFault('changed on disk', { retryable: false })),
  }
  const broken = { ...changed, head: () => Promise.reject(new StoreFault('all is lost', { retryable: false })) }
  await expect(gatherBundle(broken, 'release/r1', parts)).rejects.toThrow('all is lost')
  const without = makeBundle({ ...parts, evidence: new Map() })
  expect(await gatherBundle(changed, 'release/r1', parts)).toEqual(without)
  expect(await gatherBundle({ ...store, read: () => Promise.resolve([]) }, 'release/none', parts)).toBeNull()
})

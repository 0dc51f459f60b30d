import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../store/memory.ts'
import { changedSealingKeys } from '../../config/settings.ts'
import { createSealer, followingSealer, openSealer, SealFault } from './sealing.ts'

const [one, other] = [randomBytes(32), randomBytes(32)]

describe('a sealed secret', () => {
  test('opens where it was kept, is never the same twice, and shows nothing', () => {
    const sealer = createSealer([one])
    const [a, b] = [sealer.seal('whsec_x', 'webhook 1'), sealer.seal('whsec_x', 'webhook 1')]
    expect(a).not.toBe(b)
    expect(Buffer.from(a.split('.').at(-1) ?? '', 'base64url').toString('latin1')).not.toContain('whsec')
    expect(sealer.open(a, 'webhook 1')).toBe('whsec_x')
  })

  test('does not open elsewhere, changed, cut short, or with another key', () => {
    const sealer = createSealer([one])
    const sealed = sealer.seal('whsec_x', 'webhook 1')
    expect(() => sealer.open(sealed, 'webhook 2')).toThrow(SealFault)
    const [form, id, iv, body = ''] = sealed.split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => sealer.open([form, id, iv, changed.toString('base64url')].join('.'), 'webhook 1')).toThrow(SealFault)
      const short = bytes.subarray(0, at).toString('base64url')
      expect(() => sealer.open([form, id, iv, short].join('.'), 'webhook 1')).toThrow(SealFault)
    }
    expect(() => createSealer([other]).open(sealed, 'webhook 1')).toThrow(SealFault)
    expect(() => sealer.open('plain text', 'webhook 1')).toThrow(SealFault)
    expect(() => createSealer([randomBytes(16)])).toThrow(SealFault)
  })

  test('outlives a change of the key: the new one seals, both open', () => {
    const sealed = createSealer([one]).seal('x', 'c')
    const both = createSealer([other, one])
    expect(both.open(sealed, 'c')).toBe('x')
    expect(createSealer([other]).open(both.seal('y', 'c'), 'c')).toBe('y')
  })
})

describe('a start', () => {
  test('with no key, another key, or without the key that was used, is refused or seals nothing', async () => {
    const store = new MemoryStore()
    expect(await openSealer(store, null)).toBeNull()
    expect(await openSealer(store, [one])).not.toBeNull()
    expect(await openSealer(store, [one])).not.toBeNull()
    await expect(openSealer(store, [other])).rejects.toThrow('is not the key that this store was sealed with')
    await expect(openSealer(store, null)).rejects.toThrow('no key is given')
    expect(await openSealer(store, [other, one])).not.toBeNull()
    expect(await openSealer(store, [other])).not.toBeNull()
    await expect(openSealer(store, [one])).rejects.toThrow(SealFault)
  })
})

describe('a change of the key while releases run', () => {
  test('is followed without a restart: the new one seals from then on, what the old one sealed still opens', () => {
    let keys: readonly Uint8Array[] | null = null
    const refused: string[] = []
    const sealer = followingSealer(
      createSealer([one]),
      () => {
        const now = keys
        keys = null
        return now
      },
      (why) => refused.push(why),
    )
    const before = Array.from({ length: 50 }, (_, at) => sealer.seal(`secret ${at}`, `webhook ${at}`))
    keys = [other, one]
    const after = Array.from({ length: 50 }, (_, at) => sealer.seal(`later ${at}`, `webhook ${at}`))
    expect(before.map((each, at) => sealer.open(each, `webhook ${at}`))).toEqual(before.map((_, at) => `secret ${at}`))
    expect(after.map((each, at) => createSealer([other]).open(each, `webhook ${at}`))).toEqual(
      after.map((_, at) => `later ${at}`),
    )
    expect(refused).toEqual([])
  })

  test('to one that does not open what is kept changes nothing, and is told', () => {
    const refused: string[] = []
    let isChanged = false
    const sealer = followingSealer(
      createSealer([one]),
      () => (isChanged ? [other] : null),
      (why) => refused.push(why),
    )
    const kept = sealer.seal('x', 'c')
    isChanged = true
    expect(sealer.open(kept, 'c')).toBe('x')
    expect(createSealer([one]).open(sealer.seal('y', 'c'), 'c')).toBe('y')
    expect(refused[0]).toContain('stays as it was')
  })

  test('in its file is seen, once for each change; a file that is gone is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-key-'))
    const file = join(folder, 'key')
    writeFileSync(file, one.toString('base64'))
    const changed = changedSealingKeys({ HOLDPOINT_SECRET_KEY_FILE: file })
    expect(changed()).toBeNull()
    writeFileSync(file, `${other.toString('base64')}\n${one.toString('base64')}`)
    expect(changed()).toEqual([other, one])
    expect(changed()).toBeNull()
    rmSync(folder, { recursive: true })
    expect(() => changed()).toThrow('cannot be read')
    expect(changedSealingKeys({ HOLDPOINT_SECRET_KEY: one.toString('base64') })()).toBeNull()
  })
})

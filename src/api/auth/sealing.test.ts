import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../store/memory.ts'
import { createSealer, openSealer, SealFault } from './sealing.ts'

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

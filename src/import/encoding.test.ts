/** Damaged text is recognised for what it is, mended to the letter, and sound text is left alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, type Misreading } from './encoding.ts'

const sound = '# Release 🚀\n- [ ] Météo – “quoted” … ✅ 完了\n- ↓ über\n'

/** What a program writes that takes UTF-8 for something else. */
function misread(text: string, reading: Misreading): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  const decoder = reading === 'latin-1' ? null : new TextDecoder(reading)
  const chars = [...bytes].map((byte) => (decoder ? decoder.decode(Uint8Array.of(byte)) : String.fromCharCode(byte)))
  return new TextEncoder().encode(chars.join(''))
}

describe.for(['macintosh', 'windows-1252', 'latin-1'] as const)('UTF-8 that was read as %s', (reading) => {
  test('is recognised, counted, and left as it is until somebody asks', () => {
    const bytes = misread(sound, reading)
    const { text, encoding } = decode(bytes, false)
    expect(text).toBe(new TextDecoder().decode(bytes))
    expect(encoding.damage).not.toBeNull()
    expect(encoding.damaged).toBeGreaterThanOrEqual(8)
    expect(encoding.repaired).toBe(0)
  })

  test('is mended to the letter on request', () => {
    const { text, encoding } = decode(misread(sound, reading), true)
    expect(text).toBe(sound)
    expect(encoding.repaired).toBe(encoding.damaged)
    expect(encoding.isWritable).toBe(true)
  })
})

test.for([
  'École «État» “été” … – —',
  'São João, coração, AÇÃO',
  'Ünlü Ærø Øre ÄÖÜ ß',
  'Проверка ✅ 完了 かな',
  '25 °C ± 3 µs × 2',
  '',
])('sound text is not taken for damaged: %s', (text) => {
  expect(decode(new TextEncoder().encode(text), true)).toMatchObject({ text, encoding: { damage: null } })
})

test('a byte order mark stays where it is and is said', () => {
  const { text, encoding } = decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x23), true)
  expect(text).toBe('\uFEFF#')
  expect(encoding).toMatchObject({ hasMark: true, damage: null, isWritable: true })
})

test('bytes that are no UTF-8 are read as Windows-1252, and written only on request', () => {
  const bytes = Uint8Array.of(0x63, 0x61, 0x66, 0xe9)
  expect(decode(bytes, false)).toMatchObject({ text: 'café', encoding: { name: 'windows-1252', isWritable: false } })
  expect(decode(bytes, true).encoding.isWritable).toBe(true)
})

test('UTF-16 is read as such', () => {
  const bytes = Uint8Array.of(0xff, 0xfe, 0x23, 0x00, 0x20, 0x00, 0x41, 0x00)
  expect(decode(bytes, false)).toMatchObject({ text: '# A', encoding: { name: 'utf-16le', isWritable: false } })
})

test('any text, misread in any way, comes back to the letter', () => {
  const reading = fc.constantFrom<Misreading>('macintosh', 'windows-1252', 'latin-1')
  const letters = fc.array(fc.constantFrom('🚀', '✅', '–', 'é', ' ', 'a', '\n', '↓'), { minLength: 1 })
  fc.assert(
    fc.property(letters, reading, (parts, way) => {
      const text = `✅ ${parts.join('')}`
      expect(decode(misread(text, way), true).text).toBe(text)
    }),
  )
})

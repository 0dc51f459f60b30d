/** Numbers that look random and follow from a text alone, so that a simulation can be repeated to the last digit. */

/** Uniform in [0, 1), 32 bits. */
export type Random = () => number

/** xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32 from a hash of the words. */
export function randomFrom(...words: readonly (string | number)[]): Random {
  const fill = splitmix(hashOf(words.join('\n')))
  let [a, b, c, d] = [fill(), fill(), fill(), fill()]
  return () => {
    const out = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return out / 4_294_967_296
  }
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

/** FNV-1a over the UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

function splitmix(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}

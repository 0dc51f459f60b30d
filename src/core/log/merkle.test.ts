import { expect, test } from 'vitest'
import { hexToBytes } from '@noble/hashes/utils.js'
import { sha256Hex } from './canonical.ts'
import { MerkleHead } from './merkle.ts'

/** As RFC 6962 defines it, without any memory. */
function rootOf(leaves: readonly string[]): string {
  if (leaves.length === 0) return sha256Hex('')
  if (leaves.length === 1) return sha256Hex(hexToBytes(`00${leaves[0]}`))
  let half = 1
  while (2 * half < leaves.length) half *= 2
  return sha256Hex(hexToBytes(`01${rootOf(leaves.slice(0, half))}${rootOf(leaves.slice(half))}`))
}

test('the head of a growing log is that of RFC 6962 at every length', () => {
  const head = new MerkleHead()
  const leaves: string[] = []
  for (let length = 0; length < 70; length += 1) {
    expect([head.size, head.root]).toEqual([length, rootOf(leaves)])
    leaves.push(sha256Hex(`leaf ${length}`))
    head.add(leaves.at(-1)!)
  }
})

test('known heads of the test vectors of Certificate Transparency', () => {
  const head = new MerkleHead()
  expect(head.root).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  head.add('')
  expect(head.root).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  head.add('00')
  expect(head.root).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125')
})

/** Is a file what S3 has? Its ETag says so for what was put in one piece, or in parts of a usual size. */
import { md5 } from '@noble/hashes/legacy.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Part sizes of the usual tools, in MiB. */
const usualParts = [5, 8, 10, 15, 16, 25, 32, 50, 64, 100, 128, 256, 512]
const MiB = 1024 * 1024

export interface EtagCheck {
  add(bytes: Uint8Array): void
  /** Null = an ETag of this kind cannot tell. */
  isSame(): boolean | null
}

/** Of an ETag without quotes, for a file of so many bytes. */
export function etagCheck(etag: string, bytes: number): EtagCheck {
  const [, hash, parts] = /^([0-9a-f]{32})(?:-(\d{1,5}))?$/.exec(etag) ?? []
  if (hash === undefined) return { add: () => undefined, isSame: () => null }
  if (parts === undefined) return ofParts(hash, [{ size: Number.POSITIVE_INFINITY, isPlain: true }], false)
  const sizes = usualParts.map((size) => size * MiB).filter((size) => Math.ceil(bytes / size) === Number(parts))
  return ofParts(
    hash,
    sizes.map((size) => ({ size, isPlain: false })),
    true,
  )
}

function ofParts(
  wanted: string,
  ways: readonly { readonly size: number; readonly isPlain: boolean }[],
  isGuess: boolean,
): EtagCheck {
  const all = ways.map(({ size, isPlain }) => partedHash(size, isPlain))
  return {
    add: (bytes) => {
      for (const one of all) one.add(bytes)
    },
    isSame: () => {
      if (all.map((one) => one.end()).includes(wanted)) return true
      // Parts of another size would have given another ETag for the same bytes.
      return isGuess ? null : false
    },
  }
}

function partedHash(size: number, isPlain: boolean): { add(bytes: Uint8Array): void; end(): string } {
  let part = md5.create()
  let filled = 0
  const hashes: string[] = []
  const close = (): void => {
    hashes.push(bytesToHex(part.digest()))
    part = md5.create()
    filled = 0
  }
  return {
    add: (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const some = bytes.subarray(at, at + Math.min(bytes.length - at, size - filled))
        part.update(some)
        filled += some.length
        at += some.length
        if (filled === size) close()
      }
    },
    end: () => {
      if (filled > 0 || hashes.length === 0) close()
      return isPlain ? (hashes[0] ?? '') : bytesToHex(md5(hexToBytes(hashes.join(''))))
    },
  }
}

/** Evidence of a check: bytes under a cap, cut in the middle and marked when there are more. */
import type { EvidenceBytes } from '../../core/ports/check.ts'

/** One piece of evidence holds at most this much. */
export const evidenceCap = 256 * 1024

/** Text as evidence; nothing for an empty text. */
export function textEvidence(
  name: string,
  text: string,
  mediaType = 'text/plain; charset=utf-8',
): readonly EvidenceBytes[] {
  return bytesEvidence(name, new TextEncoder().encode(text), mediaType)
}

/** Bytes as evidence; nothing for no bytes. `truncated` when something was cut here or before. */
export function bytesEvidence(
  name: string,
  bytes: Uint8Array,
  mediaType = 'text/plain; charset=utf-8',
  truncated = false,
): readonly EvidenceBytes[] {
  if (bytes.length === 0) return []
  if (bytes.length <= evidenceCap) return [{ name, mediaType, bytes, truncated }]
  return [{ name, mediaType, bytes: cutMiddle(bytes, evidenceCap), truncated: true }]
}

function cutMiddle(bytes: Uint8Array, cap: number): Uint8Array {
  const mark = new TextEncoder().encode(`\n[... ${bytes.length - cap} bytes cut ...]\n`)
  const half = Math.floor((cap - mark.length) / 2)
  const cut = new Uint8Array(half * 2 + mark.length)
  cut.set(bytes.subarray(0, half), 0)
  cut.set(mark, half)
  cut.set(bytes.subarray(bytes.length - half), half + mark.length)
  return cut
}

/** Reads playlists of HLS (RFC 8216): variants of a master playlist, segments of a media playlist. */

export interface Variant {
  readonly uri: string
  /** Peak bits a second, as the playlist says. */
  readonly bandwidth: number
  /** `1280x720` */
  readonly resolution: string | null
}

export interface Segment {
  readonly uri: string
  /** Of its own, in seconds. */
  readonly duration: number
  /** `#EXT-X-BYTERANGE`: part of a file, first byte and length; null = all of it. */
  readonly range: { readonly from: number; readonly length: number } | null
}

export type Playlist =
  | { readonly kind: 'master'; readonly variants: readonly Variant[] }
  | {
      readonly kind: 'media'
      readonly sequence: number
      readonly targetSeconds: number
      readonly segments: readonly Segment[]
      /** `#EXT-X-MAP`: what stands before fragments of MP4. */
      readonly map: string | null
      /** Its first bytes say nothing then. */
      readonly isEncrypted: boolean
      /** `#EXT-X-ENDLIST`: nothing more will come. */
      readonly isEnded: boolean
    }
  | { readonly kind: 'none'; readonly why: string }

const mostLines = 50_000

export function readPlaylist(text: string): Playlist {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  if (lines[0]?.replace(/^\uFEFF/, '') !== '#EXTM3U') return { kind: 'none', why: 'it does not begin with #EXTM3U' }
  if (lines.length > mostLines) return { kind: 'none', why: `it has more than ${mostLines} lines` }
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:')) ? readMaster(lines) : readMedia(lines)
}

function readMaster(lines: readonly string[]): Playlist {
  const variants: Variant[] = []
  let pending: Readonly<Record<string, string>> | null = null
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) pending = attributesOf(line.slice('#EXT-X-STREAM-INF:'.length))
    else if (line !== '' && !line.startsWith('#') && pending !== null) {
      const bandwidth = Number(pending['BANDWIDTH'])
      if (!(bandwidth > 0)) return { kind: 'none', why: `the variant ${line.slice(0, 80)} has no BANDWIDTH` }
      variants.push({ uri: line, bandwidth, resolution: pending['RESOLUTION'] ?? null })
      pending = null
    }
  }
  return variants.length === 0 ? { kind: 'none', why: 'its variants have no address' } : { kind: 'master', variants }
}

function readMedia(lines: readonly string[]): Playlist {
  const segments: Segment[] = []
  let duration: number | null = null
  let range: Segment['range'] = null
  let end = 0
  for (const line of lines) {
    if (line.startsWith('#EXTINF:')) duration = Number.parseFloat(line.slice('#EXTINF:'.length))
    else if (line.startsWith('#EXT-X-BYTERANGE:')) range = rangeOf(line.slice('#EXT-X-BYTERANGE:'.length), end)
    else if (line !== '' && !line.startsWith('#')) {
      if (duration === null || !(duration >= 0))
        return { kind: 'none', why: `the segment ${line.slice(0, 80)} has no duration` }
      segments.push({ uri: line, duration, range })
      end = range === null ? 0 : range.from + range.length
      duration = null
      range = null
    }
  }
  const target = Number(valueOf(lines, '#EXT-X-TARGETDURATION:') ?? Number.NaN)
  if (!(target > 0)) return { kind: 'none', why: 'it has no #EXT-X-TARGETDURATION' }
  const map = valueOf(lines, '#EXT-X-MAP:')
  return {
    kind: 'media',
    sequence: Number(valueOf(lines, '#EXT-X-MEDIA-SEQUENCE:') ?? 0),
    targetSeconds: target,
    segments,
    map: map === null ? null : (attributesOf(map)['URI'] ?? null),
    isEncrypted: lines.some((line) => line.startsWith('#EXT-X-KEY:') && attributesOf(line)['METHOD'] !== 'NONE'),
    isEnded: lines.includes('#EXT-X-ENDLIST'),
  }
}

function valueOf(lines: readonly string[], tag: string): string | null {
  return lines.find((line) => line.startsWith(tag))?.slice(tag.length) ?? null
}

/** `1000@200`, or `1000` for what follows the part before. */
function rangeOf(text: string, end: number): Segment['range'] {
  const [length = Number.NaN, from = end] = text.split('@').map(Number)
  return length > 0 && from >= 0 ? { from, length } : null
}

/** `BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1,mp4a"` */
function attributesOf(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/([A-Z0-9-]{1,64})=(?:"([^"]{0,4096})"|([^",]{0,4096}))/g)]
  return Object.fromEntries(found.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']))
}

/** What its first bytes say that a segment is; null = nothing that a player could play. */
export function containerOf(bytes: Uint8Array): 'MPEG-TS' | 'MP4' | 'AAC' | 'WebVTT' | null {
  const text = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (bytes[0] === 0x47 && (bytes.length <= 188 || bytes[188] === 0x47)) return 'MPEG-TS'
  if (/^(ftyp|styp|moof|sidx|emsg|prft)/.test(text.slice(4))) return 'MP4'
  if (text.startsWith('ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0)) return 'AAC'
  return /^(\u00ef\u00bb\u00bf)?WEBVTT/.test(text) ? 'WebVTT' : null
}

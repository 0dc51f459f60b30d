/** One variant of a stream: its newest segments are fetched and looked at, and where it is live the next one is waited for. */
import type { CheckPowers } from '../../core/ports/check.ts'
import { sayNumber, wordsOf } from '../parts/say.ts'
import { containerOf, type Playlist, readPlaylist, type Segment } from './playlist.ts'

export interface Variety {
  readonly url: URL
  /** Bits a second that it announces; null = it announces none. */
  readonly bandwidth: number | null
  /** For sentences. */
  readonly name: string
}

export interface Rule {
  /** So many of the newest. */
  readonly segments: number
  /** null = it need not be live. */
  readonly movesMs: number | null
  /** null = either. */
  readonly ended: boolean | null
  /** How far above its bandwidth a segment may be: 0.1 = a tenth; null = any. */
  readonly above: number | null
}

export interface Watched {
  readonly name: string
  /** null = as it should be. */
  readonly problem: string | null
  /** It could not be asked, which says nothing about the stream. */
  readonly isUnknown: boolean
  readonly fetched: number
  /** Greatest of its segments, bits a second; null = none was fetched. */
  readonly bitrate: number | null
  readonly targetSeconds: number
  readonly movedMs: number | null
  readonly record: string
}

type Media = Extract<Playlist, { readonly kind: 'media' }>
type Powers = Pick<CheckPowers, 'clock' | 'http' | 'progress' | 'signal'>

/** Never throws. */
export async function watchMedia(variety: Variety, rule: Rule, powers: Powers): Promise<Watched> {
  try {
    return await look(variety, rule, powers)
  } catch (fault) {
    return watched(variety, { problem: wordsOf(fault), isUnknown: true })
  }
}

async function look(variety: Variety, rule: Rule, powers: Powers): Promise<Watched> {
  const begun = powers.clock.now()
  const first = await mediaOf(variety.url, powers)
  if (typeof first === 'string') return watched(variety, { problem: first })
  const state = stateProblem(first, rule)
  if (state !== null) return watched(variety, { problem: state, targetSeconds: first.targetSeconds })
  const looked = await lookAt(first, variety, rule, powers)
  const base = { ...looked, targetSeconds: first.targetSeconds }
  if (looked.problem !== null || rule.movesMs === null) return watched(variety, base)
  const next = await nextOf(first, variety.url, begun + rule.movesMs, powers)
  if (typeof next === 'string') return watched(variety, { ...base, problem: next })
  return watched(variety, { ...base, movedMs: powers.clock.now() - begun })
}

function watched({ name, url }: Variety, found: Partial<Watched>): Watched {
  const base = { problem: null, isUnknown: false, fetched: 0, bitrate: null, targetSeconds: 0, movedMs: null, ...found }
  return {
    ...base,
    name,
    record: `${name} ${url.pathname}\n${found.record ?? ''}${base.problem === null ? '' : `  ${base.problem}\n`}`,
  }
}

async function mediaOf(url: URL, powers: Powers): Promise<Media | string> {
  const answer = await bytesOf(url, null, powers)
  if (typeof answer === 'string') return answer
  const playlist = readPlaylist(new TextDecoder().decode(answer))
  if (playlist.kind === 'media') return playlist
  return playlist.kind === 'none' ? `it is no playlist: ${playlist.why}` : 'it is a master playlist inside of another'
}

function stateProblem({ isEnded, segments }: Media, { ended, movesMs }: Rule): string | null {
  if (ended === true && !isEnded) return 'it is not over: #EXT-X-ENDLIST is missing'
  if ((ended === false || movesMs !== null) && isEnded) return 'it is over: it has #EXT-X-ENDLIST'
  return segments.length === 0 ? 'it has no segment' : null
}

async function lookAt(
  media: Media,
  { url, bandwidth }: Variety,
  rule: Rule,
  powers: Powers,
): Promise<Pick<Watched, 'problem' | 'fetched' | 'bitrate' | 'record'>> {
  let record = ''
  let bitrate: number | null = null
  let fetched = 0
  const told = (problem: string | null) => ({ problem, fetched, bitrate, record })
  const map = media.map === null ? null : await bytesOf(new URL(media.map, url), null, powers)
  if (typeof map === 'string') return told(`what stands before its segments (#EXT-X-MAP) is missing: ${map}`)
  for (const segment of media.segments.slice(-rule.segments)) {
    const bytes = await bytesOf(new URL(segment.uri, url), segment.range, powers)
    if (typeof bytes === 'string') return told(`the segment ${segment.uri}: ${bytes}`)
    fetched += 1
    const container = containerOf(bytes)
    const rate = segment.duration > 0 ? Math.round((bytes.length * 8) / segment.duration) : 0
    bitrate = Math.max(bitrate ?? 0, rate)
    record += `  ${segment.uri}: ${bytes.length} bytes, ${segment.duration} s, ${rate} bit/s, ${container ?? 'unknown'}\n`
    const problem = segmentProblem(segment, media, { container, length: bytes.length, rate, bandwidth }, rule)
    if (problem !== null) return told(`the segment ${segment.uri}: ${problem}`)
  }
  return told(null)
}

function segmentProblem(
  { duration, uri }: Segment,
  { targetSeconds, map, isEncrypted }: Media,
  seen: {
    readonly container: string | null
    readonly length: number
    readonly rate: number
    readonly bandwidth: number | null
  },
  { above }: Rule,
): string | null {
  if (seen.length === 0) return 'it is empty'
  // Other forms there are, under other names.
  if (!isEncrypted && seen.container === null && (map !== null || /\.(ts|m4s|mp4|aac|vtt)(\?|$)/.test(uri)))
    return 'it is nothing that plays: neither MPEG-TS nor MP4, AAC or WebVTT'
  // Durations are rounded to the nearest second before they are compared (RFC 8216, 4.3.3.1).
  if (Math.round(duration) > targetSeconds)
    return `it lasts ${sayNumber(duration)} s, longer than the target of ${targetSeconds} s`
  if (above === null || seen.bandwidth === null || seen.rate <= seen.bandwidth * (1 + above)) return null
  return `it has ${seen.rate} bit/s, more than ${Math.round(above * 100)} % above the ${seen.bandwidth} that are announced`
}

/** A playlist with a segment that the first had not. */
async function nextOf(first: Media, url: URL, until: number, powers: Powers): Promise<Media | string> {
  const newest = first.sequence + first.segments.length
  const pause = Math.max(200, Math.min(2_000, (first.targetSeconds * 1_000) / 2))
  for (;;) {
    await powers.clock.sleep(Math.max(0, Math.min(pause, until - powers.clock.now())), powers.signal)
    const media = await mediaOf(url, powers)
    if (typeof media === 'string') return media
    if (media.sequence + media.segments.length > newest) return media
    if (media.isEnded) return 'it ended while the next segment was waited for'
    if (powers.signal.aborted || powers.clock.now() >= until)
      return `no new segment came after number ${newest - 1}: it stands still`
  }
}

/** The bytes, or why there are none. Throws where nobody answers. */
async function bytesOf(url: URL, range: Segment['range'], { http, signal }: Powers): Promise<Uint8Array | string> {
  const headers: Record<string, string> =
    range === null ? {} : { range: `bytes=${range.from}-${range.from + range.length - 1}` }
  const answer = await http(url.href, { method: 'GET', headers, signal, redirect: 'follow' })
  const wanted = range === null ? 200 : 206
  return answer.status === wanted ? answer.bytes() : `it answers ${answer.status}, expected ${wanted}`
}

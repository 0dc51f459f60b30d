/** `yaml check kind: hls`: a stream can be watched: playlists of all variants, segments that play, bitrates as announced, and it moves on. */
import { z } from 'zod'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { readPlaylist } from './hls-playlist/playlist.ts'
import { watchMedia, type Watched } from './hls-playlist/watch.ts'
import { textEvidence } from './parts/evidence.ts'
import { ConfigFault, durationField, millisOf } from './parts/fields.ts'
import { filledUrl, putter } from './parts/filled.ts'
import { judged } from './parts/judged.ts'
import { oneLine, sayMillis, wordsOf } from './parts/say.ts'

const config = z
  .strictObject({
    url: z
      .string()
      .regex(/^(https?:\/\/|\{\{)/, { error: 'expected an address such as https://cdn.example.com/live/42.m3u8' })
      .describe('Master playlist, or that of one variant'),
    variants: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('As many variants there are at least; all of them are looked at'),
    segments: z.number().int().min(1).max(20).default(2).describe('So many of the newest segments of each are fetched'),
    moves: durationField.optional().describe('A live stream: in this time a new segment comes in every variant'),
    ended: z.boolean().optional().describe('true = nothing more will come, false = it is not over (#EXT-X-ENDLIST)'),
    gone: z.boolean().default(false).describe('There is no playlist any more (404 or 410)'),
    'bitrate-within': z
      .string()
      .regex(/^\+\d{1,4}%$/, { error: 'expected a share above, such as +10%' })
      .optional()
      .describe('How far the bits of a segment may be above what its variant announces (BANDWIDTH)'),
  })
  .refine(({ gone, variants, moves, ended }) => !gone || (variants ?? moves ?? ended) === undefined, {
    error: 'expected `gone` without variants, moves and ended',
  })
  .refine(({ moves, ended }) => moves === undefined || ended !== true, {
    error: 'expected either `moves` or `ended: true`: what has ended does not move on',
  })

type Config = z.infer<typeof config>

export const hls = defineCheck({
  kind: 'hls',
  summary:
    'A stream can be watched: playlists of all variants, segments that play, bitrates as announced, and it moves on',
  config,
  needs: ['http', 'secret'],
  timeoutMs: 120_000,
  example:
    '```yaml check expect="resolutions.exists(r, r == \'1920x1080\')"\nkind: hls\nurl: https://cdn.example.com/live/42/master.m3u8\nvariants: 3\nmoves: 15s\nbitrate-within: +20%\n```',
  facts: {
    variants: 'int',
    bandwidths: 'list',
    resolutions: 'list',
    bitrates: 'list',
    target_seconds: 'double',
    moved_ms: 'double',
  },
  async run(given, powers) {
    const url = addressOf(given, powers)
    const answer = await fetchText(url, powers)
    if (given.gone) return goneOf(url, answer)
    if ('why' in answer) return noPlaylist(url, answer)
    const playlist = readPlaylist(answer.text)
    const evidence = textEvidence('playlist.m3u8', answer.text, 'application/vnd.apple.mpegurl')
    if (playlist.kind === 'none')
      return { ...failed(`${url.host}${url.pathname} is no playlist: ${playlist.why}`), evidence }
    const variants = playlist.kind === 'master' ? playlist.variants : []
    const facts = {
      variants: variants.length,
      bandwidths: variants.map(({ bandwidth }) => bandwidth),
      resolutions: variants.flatMap(({ resolution }) => (resolution === null ? [] : [resolution])),
    }
    if (given.variants !== undefined && variants.length < given.variants)
      return {
        ...failed(`${url.host} offers ${sayCount(variants.length, 'variant')}, expected at least ${given.variants}`),
        evidence,
        facts,
      }
    const rule = {
      segments: given.segments,
      movesMs: given.moves === undefined ? null : millisOf(given.moves),
      ended: given.ended ?? null,
      above: given['bitrate-within'] === undefined ? null : Number(given['bitrate-within'].slice(1, -1)) / 100,
    }
    const places =
      playlist.kind === 'master'
        ? variants.map(({ uri, bandwidth, resolution }) => ({
            url: new URL(uri, answer.url),
            bandwidth,
            name: resolution ?? `${bandwidth} bit/s`,
          }))
        : [{ url: answer.url, bandwidth: null, name: url.pathname.split('/').at(-1) ?? '' }]
    if (rule.above !== null && places.some(({ bandwidth }) => bandwidth === null))
      return {
        outcome: 'inconclusive',
        say: `${url.host}${url.pathname} announces no bitrate to compare with; give the address of the master playlist`,
        evidence,
        facts,
      }
    const watched = await Promise.all(places.map((place) => watchMedia(place, rule, powers)))
    return conclude(url, watched, facts, evidence, powers)
  },
  async probe(given, powers) {
    const url = addressOf(given, powers)
    const answer = await fetchText(url, powers)
    if ('why' in answer) return { ok: given.gone, say: `${url.host}: ${answer.why}` }
    return { ok: true, say: `${url.host} answers` }
  },
})

function conclude(
  url: URL,
  watched: readonly Watched[],
  facts: Record<string, Json>,
  evidence: CheckResult['evidence'],
  powers: CheckPowers,
): CheckResult {
  const records = textEvidence('segments.txt', watched.map(({ record }) => record).join('\n'))
  const base = {
    evidence: [...evidence, ...records],
    facts: {
      ...facts,
      bitrates: watched.map(({ bitrate }) => bitrate),
      target_seconds: Math.max(...watched.map(({ targetSeconds }) => targetSeconds)),
      moved_ms: watched.reduce<number | null>(
        (most, { movedMs }) => (movedMs === null ? most : Math.max(most ?? 0, movedMs)),
        null,
      ),
    },
  }
  const wrong = watched.find(({ problem }) => problem !== null)
  if (wrong !== undefined) {
    const outcome = powers.signal.aborted || wrong.isUnknown ? 'errored' : 'failed'
    return { ...base, outcome, say: oneLine(`${url.host}, ${wrong.name}: ${wrong.problem}`) }
  }
  const count = watched.reduce((sum, { fetched }) => sum + fetched, 0)
  const moved = base.facts.moved_ms
  const words = [
    ...(Number(facts['variants']) > 0 ? [sayCount(Number(facts['variants']), 'variant')] : []),
    sayCount(count, 'segment'),
    ...(moved === null ? [] : [`the next after ${sayMillis(moved)}`]),
  ]
  return judged(powers, base.facts, { evidence: base.evidence, say: oneLine(`${url.host} plays: ${words.join(', ')}`) })
}

function sayCount(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function addressOf(given: Config, powers: CheckPowers): URL {
  const url = URL.parse(filledUrl(given.url, putter(powers)))
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ConfigFault(`${given.url} does not come out as an address that begins with http:// or https://`)
  return url
}

type Answer = { readonly text: string; readonly url: URL } | { readonly why: string; readonly status: number | null }

async function fetchText(url: URL, { http, signal }: CheckPowers): Promise<Answer> {
  try {
    const answer = await http(url.href, { method: 'GET', headers: {}, signal, redirect: 'follow' })
    if (answer.status !== 200) return { why: `it answers ${answer.status}, expected 200`, status: answer.status }
    return { text: await answer.text(), url }
  } catch (fault) {
    return { why: wordsOf(fault), status: null }
  }
}

/** One that cannot be reached proves nothing. */
function noPlaylist(
  { host, pathname }: URL,
  { why, status }: { readonly why: string; readonly status: number | null },
): CheckResult {
  if (status === null) return { outcome: 'errored', say: oneLine(`${host}: ${why}`), evidence: [] }
  return failed(`${host}${pathname}: ${why}`)
}

function goneOf(url: URL, answer: Answer): CheckResult {
  const { host, pathname } = url
  if ('text' in answer) return failed(`${host}${pathname} is still there`)
  if (answer.status === null) return noPlaylist(url, answer)
  if (answer.status === 404 || answer.status === 410)
    return { outcome: 'passed', say: `${host}${pathname} is gone: ${answer.status}`, evidence: [] }
  return failed(`${host}${pathname} answers ${answer.status}, expected 404 or 410`)
}

function failed(say: string): CheckResult {
  return { outcome: 'failed', say: oneLine(say), evidence: [] }
}

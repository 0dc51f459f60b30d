import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeWith, findProgram } from '../../test/support/programs.ts'
import { type Ingest, ingestPrograms, startIngest } from '../../test/support/rtmp-ingest.ts'
import { readPlaylist } from './hls-playlist/playlist.ts'
import { hls } from './hls.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { scenario } from './scenario.ts'

const check = (config: Readonly<Record<string, unknown>>, powers: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(hls as never, config, powers)

describeWith(ingestPrograms, 'a real ingest that makes HLS', () => {
  let ingest: Ingest
  beforeAll(async () => {
    ingest = await startIngest()
  }, 90_000)
  afterAll(() => ingest.stop())

  test('what is published by one step of a scenario is watched by the next, and stands still when it has ended', async () => {
    const url = `${ingest.web}/hls/known.m3u8`
    const steps = [
      {
        kind: 'rtmp',
        background: true,
        url: `rtmp://127.0.0.1:${ingest.port}/live/known`,
        publish: '8s',
        listed: `${ingest.web}/stat`,
        within: '30s',
      },
      { kind: 'hls', url, moves: '10s', segments: 2, poll: { every: '500ms', for: '30s' } },
    ]
    const result = await runCheck(scenario as never, { steps }, { timeoutMs: 90_000 })
    expect(result, `${result.say}\n${ingest.said()}`).toMatchObject({ outcome: 'passed' })
    expect(evidenceText(result)).toMatch(/known-\d+\.ts: \d+ bytes, [\d.]+ s, \d+ bit\/s, MPEG-TS/)
    const still = await check({ url, moves: '1s' })
    expect(still, still.say).toMatchObject({ outcome: 'failed' })
    expect(still.say).toMatch(/it stands still$|it is over|answers 404/)
  }, 120_000)
})

const ffmpeg = findProgram('/usr/bin/ffmpeg', '/usr/local/bin/ffmpeg')

describeWith({ ...ingestPrograms, ffmpeg }, 'a real ingest and a real encoder', () => {
  let ingest: Ingest
  beforeAll(async () => {
    ingest = await startIngest()
  }, 90_000)
  afterAll(() => ingest.stop())

  test('FFmpeg publishes picture and sound: the stream appears, is watched, and is gone when FFmpeg ends', async () => {
    const input = '-re -f lavfi -i testsrc=size=320x240:rate=25 -f lavfi -i sine=frequency=440 -t 10'
    const coded = '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 25 -c:a aac'
    const stat = { kind: 'http', requests: `GET ${ingest.web}/stat` }
    const steps = [
      {
        kind: 'command',
        background: true,
        script: `${ffmpeg} -hide_banner -loglevel error ${input} ${coded} -f flv rtmp://127.0.0.1:${ingest.port}/live/known`,
      },
      {
        ...stat,
        expect: 'body.contains("<name>known</name>") && body.contains("<height>240</height>")',
        poll: { every: '300ms', for: '30s' },
      },
      { kind: 'hls', url: `${ingest.web}/hls/known.m3u8`, moves: '10s', poll: { every: '500ms', for: '30s' } },
      { ...stat, expect: '!body.contains("<name>known</name>")', poll: { every: '500ms', for: '60s' } },
    ]
    const result = await runCheck(scenario as never, { steps }, { timeoutMs: 110_000 })
    expect(result, `${result.say}\n${ingest.said()}`).toMatchObject({ outcome: 'passed' })
    expect(evidenceText(result)).toMatch(/known-\d+\.ts: \d+ bytes/)
  })
})

/** A server whose files a test writes. */
const files = new Map<string, string | Buffer>()
let base = ''
const server = createServer((request, response) => {
  const file = files.get(request.url ?? '')
  if (file === undefined) return void response.writeHead(404).end()
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  if (range === null) return void response.writeHead(200).end(file)
  response.writeHead(206).end(Buffer.from(file).subarray(Number(range[1]), Number(range[2]) + 1))
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const ts = (bytes: number): Buffer => Buffer.alloc(bytes, 0x47)
const media = (...lines: readonly string[]): string =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:4', '#EXT-X-MEDIA-SEQUENCE:7', ...lines, ''].join('\n')
const segment = (uri: string, seconds = 4): string => `#EXTINF:${seconds},\n${uri}`

describe('playlists', () => {
  beforeEach(() => {
    files.clear()
    files.set(
      '/live/master.m3u8',
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.4d,mp4a"\nlow/list.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=1280x720\n/live/high/list.m3u8\n',
    )
    files.set('/live/low/list.m3u8', media(segment('6.ts'), segment('7.ts'), segment('8.ts')))
    files.set('/live/high/list.m3u8', media(segment('7.ts'), '#EXT-X-ENDLIST'))
    for (const name of ['low/7.ts', 'low/8.ts']) files.set(`/live/${name}`, ts(376_000))
    files.set('/live/high/7.ts', ts(1_504_000))
  })
  const url = (): string => `${base}/live/master.m3u8`

  test('all variants are looked at, only their newest segments are fetched, bitrates stand beside what is announced', async () => {
    const result = await check(
      { url: url(), variants: 2, 'bitrate-within': '+10%' },
      { expectation: 'resolutions.exists(r, r == "1280x720") && bandwidths[0] == 800000' },
    )
    expect(result, result.say).toMatchObject({
      outcome: 'passed',
      say: `${base.slice(7)} plays: 2 variants, 3 segments`,
      facts: { variants: 2, bitrates: [752_000, 3_008_000], target_seconds: 4 },
    })
  })

  test('a bitrate that nobody announces cannot be compared', async () => {
    const result = await check({ url: `${base}/live/low/list.m3u8`, 'bitrate-within': '+10%' })
    expect(result).toMatchObject({ outcome: 'inconclusive', say: expect.stringContaining('announces no bitrate') })
  })

  test('a variant that is missing, empty, too long, too fat or no video fails by its name', async () => {
    const wrong: readonly [string, string, string | Buffer, Record<string, unknown>][] = [
      ['640x360: it answers 404', '/live/low/list.m3u8', '', {}],
      ['640x360: it has no segment', '/live/low/list.m3u8', media(), {}],
      ['640x360: it is no playlist: it does not begin with #EXTM3U', '/live/low/list.m3u8', '<html>', {}],
      ['1280x720: the segment 7.ts: it is empty', '/live/high/7.ts', '', {}],
      ['1280x720: the segment 7.ts: it is nothing that plays', '/live/high/7.ts', '<html>not found</html>', {}],
      ['1280x720: the segment 7.ts: it lasts 9 s', '/live/high/list.m3u8', media(segment('7.ts', 9)), {}],
      ['more than 1 % above the 800000 that are announced', '/live/low/8.ts', ts(500_000), { 'bitrate-within': '+1%' }],
      ['640x360: it is not over', '/never', '', { ended: true }],
      ['1280x720: it is over', '/never', '', { ended: false }],
      ['offers 2 variants, expected at least 3', '/never', '', { variants: 3 }],
    ]
    const before = new Map(files)
    for (const [say, path, content, config] of wrong) {
      files.clear()
      for (const [name, file] of before) files.set(name, file)
      if (say.includes('404')) files.delete(path)
      else files.set(path, content)
      const result = await check({ url: url(), ...config })
      expect([say, result.outcome, result.say]).toEqual([say, 'failed', expect.stringContaining(say) as string])
    }
  })

  test('a live stream moves on in its time, parts of one file and fragments of MP4 are read', async () => {
    const one = Buffer.concat([ts(100), Buffer.from('....moof and more')])
    files.set('/one.mp4', one)
    files.set('/map.mp4', '....ftyp')
    const parts = ['#EXT-X-MAP:URI="map.mp4"', '#EXTINF:4,', '#EXT-X-BYTERANGE:17@100', 'one.mp4']
    files.set('/one.m3u8', media(...parts))
    const timer = setTimeout(() => files.set('/one.m3u8', media(...parts, ...parts.slice(1))), 300)
    const result = await check({ url: `${base}/one.m3u8`, moves: '30s' }, { expectation: 'moved_ms > 0.0' })
    clearTimeout(timer)
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(result.say).toContain('the next after')
  })

  test('what should be gone has to be gone by the word of its server', async () => {
    expect(await check({ url: `${base}/none.m3u8`, gone: true })).toMatchObject({ outcome: 'passed' })
    expect(await check({ url: url(), gone: true })).toMatchObject({ outcome: 'failed' })
  })
})

test('playlists without what they cannot do without are none', () => {
  for (const text of [
    '',
    '#EXTM3U\nx.ts',
    '#EXTM3U\n#EXTINF:4,\nx.ts',
    '#EXTM3U\n#EXT-X-STREAM-INF:RESOLUTION=1x1\na',
    '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1',
  ])
    expect([text, readPlaylist(text).kind]).toEqual([text, 'none'])
})

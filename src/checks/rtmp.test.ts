import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ingest, ingestPrograms, startIngest } from '../../test/support/rtmp-ingest.ts'
import { describeWith } from '../../test/support/programs.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'
import { decodeAmf, encodeAmf } from './rtmp-session/amf.ts'
import { rtmp } from './rtmp.ts'

const check = (config: Readonly<Record<string, unknown>>, powers: Parameters<typeof runCheck>[2] = {}) =>
  runCheck(rtmp as never, config, { secret: () => 'k3y', ...powers })

describeWith(ingestPrograms, 'a real ingest', () => {
  let ingest: Ingest
  beforeAll(async () => {
    ingest = await startIngest()
  }, 90_000)
  afterAll(() => ingest.stop())
  const at = (path: string): string => `rtmp://127.0.0.1:${ingest.port}/${path}`

  test('hands are shaken and the application lets in', async () => {
    const result = await check({ url: at('live/{{ secret.KEY }}') }, { expectation: 'connected_ms < 60000.0' })
    expect(result, result.say).toMatchObject({ outcome: 'passed' })
    expect(result.say).toMatch(/^127\.0\.0\.1:\d+\/live lets in after \d/)
  })

  test('a published stream appears in the statistics while it runs and is gone after its end', async () => {
    const result = await check({
      url: at('live/{{ secret.KEY }}'),
      publish: '1s',
      listed: `${ingest.web}/stat`,
      within: '30s',
    })
    expect(result, `${result.say}\n${ingest.said()}`).toMatchObject({ outcome: 'passed' })
    expect(result.say).toMatch(/took \d.* of a test picture, it appeared after .* and was gone .* after its end$/)
    expect(result.say).not.toContain('k3y')
    expect(evidenceText(result)).toContain('<width>64</width>')
  })

  test('an application that there is not, and a key that was stolen, are refused', async () => {
    const other = await check({ url: at('other/key') })
    expect(other).toMatchObject({ outcome: 'failed' })
    const stolen = await check({ url: at('live/stolen'), publish: '1s', refused: true })
    expect(stolen, stolen.say).toMatchObject({ outcome: 'passed' })
    const open = await check({ url: at('live/known'), publish: '1s', refused: true })
    expect(open.say).toContain('lets the stream begin and go on, expected a refusal')
    const thrownOut = await check({ url: at('locked/known'), publish: '30s', refused: true })
    expect(thrownOut, thrownOut.say).toMatchObject({ outcome: 'passed' })
  })

  test('a stream that never appears fails, and says what its list says', async () => {
    const config = { url: at('live/known'), publish: '100ms', within: '600ms' }
    const missing = await check({ ...config, listed: `${ingest.web}/hls/none.json` })
    expect(missing.say).toContain('does not appear within 600ms: the list answers 404')
    const other = await check({ ...config, listed: `${ingest.web}/nginx.conf` })
    expect(other.say).toContain('its name does not stand in the list')
  })
})

/** Shakes hands, and then does as the test says. */
async function withServer(after: (socket: Socket) => void, ask: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let held = 0
    socket.on('data', (chunk: Buffer) => {
      const before = held
      held += chunk.length
      if (before < 1_537 && held >= 1_537) socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(3_072)]))
      if (before < 3_073 && held >= 3_073) after(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await ask(`rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/key`)
  } finally {
    server.close()
  }
}

test('a server that sends nonsense behind the handshake never passes', async () => {
  const command = (body: Buffer): Buffer => Buffer.from([3, 0, 0, 0, 0, 0, body.length, 20, 0, 0, 0, 0, ...body])
  const nonsense = [
    Buffer.from([3, 0, 0, 0, 0xff, 0xff, 0xfe, 20, 0, 0, 0, 0]),
    command(Buffer.from([2, 0, 99, 65])),
    command(Buffer.from([17])),
    command(encodeAmf(['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected' }])),
    Buffer.alloc(200, 0xff),
  ]
  for (const bytes of nonsense)
    await withServer(
      (socket) => socket.end(bytes),
      async (url) => {
        const result = await check({ url })
        expect([bytes.subarray(0, 20).toString('hex'), result.outcome]).toEqual([
          bytes.subarray(0, 20).toString('hex'),
          'failed',
        ])
      },
    )
})

test('a server that ends the stream before its time fails the check', async () => {
  const command = (...values: Parameters<typeof encodeAmf>[0]): Buffer => {
    const body = encodeAmf(values)
    return Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, body.length, 20, 0, 0, 0, 0]), body])
  }
  await withServer(
    (socket) => {
      socket.write(command('_result', 1, null, { code: 'NetConnection.Connect.Success' }))
      socket.write(command('_result', 4, null, 1))
      socket.write(command('onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start' }))
      socket.end(
        command('onStatus', 0, null, { level: 'error', code: 'NetStream.Publish.Denied', description: 'too many' }),
      )
    },
    async (url) => {
      const result = await check({ url, publish: '30s' })
      expect(result).toMatchObject({ outcome: 'failed' })
      expect(result.say).toContain('NetStream.Publish.Denied: too many')
    },
  )
})

test('values of commands are read as they were written', () => {
  const values = ['connect', 1, null, { app: 'live', deep: { yes: true } }, 'ä', 2.5]
  expect(decodeAmf(encodeAmf(values))).toEqual(values)
})

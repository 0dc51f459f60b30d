import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { runCheck } from './parts/powers.fixture.ts'
import { tcp as definition } from './tcp.ts'

const check = definition as never

test('a port that accepts connections passes, a closed one fails, an unknown name is an error', async () => {
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect((await runCheck(check, { host: '127.0.0.1', port })).outcome).toBe('passed')
  expect(
    (
      await runCheck(
        check,
        { host: '{{ host }}', port: '{{ port }}' },
        { variables: { host: '127.0.0.1', port: String(port) } },
      )
    ).outcome,
  ).toBe('passed')
  await new Promise((resolve) => server.close(resolve))
  const closed = await runCheck(check, { host: '127.0.0.1', port })
  expect(closed.outcome).toBe('failed')
  expect(closed.say).toContain('ECONNREFUSED')
  expect((await runCheck(check, { host: 'no-such-host.invalid', port })).outcome).toBe('errored')
  expect((await runCheck(check, { host: '{{ nobody }}', port })).outcome).toBe('errored')
  expect(
    (await runCheck(check, { host: '127.0.0.1', port: '{{ port }}' }, { variables: { port: 'http' } })).outcome,
  ).toBe('errored')
})

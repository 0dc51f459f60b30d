import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, findProgram, type Running, startProgram } from '../../test/support/programs.ts'
import type { CheckResult } from '../core/ports/check.ts'
import { dns } from './dns.ts'
import { runCheck } from './parts/powers.fixture.ts'

const dnsmasq = findProgram('/usr/sbin/dnsmasq')

describeWith({ dnsmasq }, 'records of a name server', () => {
  let server: Running
  let port = 0
  beforeAll(async () => {
    port = await freePort()
    server = startProgram(dnsmasq ?? '', [
      '--no-daemon',
      '--no-resolv',
      '--no-hosts',
      '--conf-file=/dev/null',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      '--local=/test/',
      '--user=root',
      `--port=${port}`,
      '--host-record=shop.test,192.0.2.7',
      '--host-record=shop.test,192.0.2.8',
      '--host-record=six.test,2001:db8::1',
      '--cname=www.test,shop.test',
      '--mx-host=shop.test,mail.test,10',
      '--txt-record=shop.test,v=spf1 -all',
      '--srv-host=_sip._tcp.test,sip.test,5060,1,2',
    ])
    for (let tries = 0; tries < 100 && (await look({ name: 'shop.test' })).outcome === 'errored'; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
  })
  afterAll(() => server.stop())

  const look = (config: Readonly<Record<string, unknown>>): Promise<CheckResult> =>
    runCheck(dns as never, { host: '127.0.0.1', port, ...config })

  test('are all that the checklist names, in any order, and no others', async () => {
    const equals = ['192.0.2.8', '192.0.2.7']
    expect(await look({ name: 'shop.test', equals })).toMatchObject({ outcome: 'passed', facts: { count: 2 } })
    expect((await look({ name: 'shop.test', equals: ['192.0.2.8'] })).say).toBe(
      'A of shop.test is 192.0.2.7, 192.0.2.8, expected 192.0.2.8',
    )
    expect((await look({ name: 'shop.test', includes: ['192.0.2.9'] })).say).toContain('expected also 192.0.2.9')
  })

  test.each([
    ['AAAA', 'six.test', '2001:db8::1'],
    ['CNAME', 'www.test', 'Shop.test.'],
    ['MX', 'shop.test', '10 mail.test'],
    ['TXT', 'shop.test', 'v=spf1 -all'],
    ['SRV', '_sip._tcp.test', '1 2 5060 sip.test'],
  ])('%s of %s', async (type, name, record) => {
    expect(await look({ type, name, equals: [record] })).toMatchObject({ outcome: 'passed' })
  })

  test('that are not there fail, and pass where the checklist wants none', async () => {
    expect((await look({ name: 'gone.test' })).say).toBe('A of gone.test is nothing, expected at least one')
    expect((await look({ name: 'gone.test', equals: [] })).outcome).toBe('passed')
    expect((await look({ name: 'shop.test', equals: [] })).say).toContain('expected none')
  })
})

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address() as AddressInfo
  socket.close()
  return port
}

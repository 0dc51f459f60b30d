import { expect, test } from 'vitest'
import { ConfigFault, readConfig } from './config.ts'

test('HOLDPOINT_HOME says where everything is kept, --store goes before it', () => {
  expect(readConfig({ HOLDPOINT_HOME: '/var/lib/hp' })).toMatchObject({
    home: '/var/lib/hp',
    socket: '/var/lib/hp/engine.sock',
  })
  expect(readConfig({ HOLDPOINT_HOME: '/var/lib/hp' }, { store: '/tmp/other' }).home).toBe('/tmp/other')
})

test('without it, the state folder of the XDG specification is used; a relative one is ignored', () => {
  expect(readConfig({ XDG_STATE_HOME: '/state', HOME: '/home/ana' }).home).toBe('/state/holdpoint')
  expect(readConfig({ XDG_STATE_HOME: 'state', HOME: '/home/ana' }).home).toBe('/home/ana/.local/state/holdpoint')
  expect(readConfig({ HOME: '/home/ana' }).home).toBe('/home/ana/.local/state/holdpoint')
})

test('a folder too deep for a socket address still gets a socket, the same one each time', () => {
  const deep = `/tmp/${'deep/'.repeat(30)}home`
  const { socket } = readConfig({ HOLDPOINT_HOME: deep })
  expect(Buffer.byteLength(socket)).toBeLessThan(104)
  expect(readConfig({ HOLDPOINT_HOME: deep }).socket).toBe(socket)
  expect(readConfig({ HOLDPOINT_HOME: `${deep}2` }).socket).not.toBe(socket)
})

test('a setting that makes no sense is an error that shows a correct one', () => {
  expect(readConfig({ HOLDPOINT_ENGINE_IDLE: '200ms' }).idleMs).toBe(200)
  expect(readConfig({ HOLDPOINT_ENGINE_IDLE: '30' }).idleMs).toBe(30_000)
  expect(() => readConfig({ HOLDPOINT_ENGINE_IDLE: 'soon' })).toThrow(ConfigFault)
  expect(readConfig({}).checkpoint).toBeNull()
  expect(readConfig({ HOLDPOINT_CHECKPOINT: '/mnt/other/log.checkpoint' }).checkpoint).toBe('/mnt/other/log.checkpoint')
  expect(readConfig({ HOLDPOINT_CHECKPOINT: '/mnt/a' }, { checkpoint: '/mnt/b' }).checkpoint).toBe('/mnt/b')
  expect(readConfig({}).leaseMs).toBe(30_000)
  expect(readConfig({ HOLDPOINT_LEASE: '2s' }).leaseMs).toBe(2_000)
  expect(() => readConfig({ HOLDPOINT_LEASE: '10ms' })).toThrow('HOLDPOINT_LEASE=30s')
  expect(() => readConfig({ HOLDPOINT_JOBS: '0' })).toThrow('HOLDPOINT_JOBS=4')
})

test('a database that is no PostgreSQL is refused before a store is made of it, and its password is not shown', () => {
  expect(readConfig({}, { database: 'postgres://a@db/b' }).database).toBe('postgres://a@db/b')
  expect(readConfig({ HOLDPOINT_DATABASE: 'postgresql://a@db/b' }).database).toBe('postgresql://a@db/b')
  for (const wrong of ['mysql://ana:hunter2@db/b', 'postgre://ana:hunter2@db/b', 'db.example.com', '']) {
    expect(() => readConfig({}, { database: wrong })).toThrow('--database is no address of a PostgreSQL')
    expect(() => readConfig({}, { database: wrong })).not.toThrow('hunter2')
  }
  expect(() => readConfig({ HOLDPOINT_DATABASE: 'host=db dbname=b' })).toThrow(
    /HOLDPOINT_DATABASE .*for example .*postgres:\/\//,
  )
})

test('what was read cannot be changed', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true)
})

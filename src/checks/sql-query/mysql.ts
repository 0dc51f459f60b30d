/** Asks MySQL or MariaDB one query in a transaction that only reads, over a wire that the guard has opened. */
import type { CheckPowers } from '../../core/ports/check.ts'
import type { Millis } from '../../core/units.ts'
import { ConfigFault } from '../parts/fields.ts'
import { readText } from '../parts/read-text.ts'
import { openWire } from '../parts/wire.ts'
import { login, type MysqlSession } from './mysql-session.ts'
import { Packet } from './mysql-packet.ts'
import { rowCap, type Rows } from './rows.ts'
import type { Statement } from './statement.ts'

type Powers = Pick<CheckPowers, 'place' | 'root' | 'signal' | 'variables'>

/** `url` = `mysql://reader:password@db.internal:3306/shop?tls=true`. Throws an Error in words. */
export async function askMysql(
  url: string,
  { text }: Statement,
  values: readonly string[],
  timeoutMs: Millis,
  powers: Powers,
): Promise<Rows> {
  const address = addressOf(url)
  const tls = await tlsOf(address, powers)
  const place = await powers.place(`mysql://${address.hostname}:${address.port === '' ? 3306 : address.port}`)
  const wire = await openWire(place, null, powers.signal)
  const session = await login(wire, { ...whoOf(address), tls })
  try {
    // Texts and names stand in quotes as in other databases, which is how the statement was read.
    await tell(session, "set session sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
    await limitTime(session, timeoutMs)
    await tell(session, 'start transaction read only')
    return await rowsOf(session, withValues(text, values))
  } finally {
    session.end()
  }
}

function addressOf(url: string): URL {
  const address = URL.parse(url)
  if (address?.protocol !== 'mysql:' || address.hostname === '')
    throw new ConfigFault('the url of a mysql source begins with mysql://, such as mysql://reader@db:3306/shop')
  return address
}

function whoOf({ username, password, pathname }: URL): { user: string; password: string; database: string } {
  return {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  }
}

async function tlsOf({ searchParams }: URL, powers: Powers): Promise<{ readonly ca?: string } | null> {
  const ca = searchParams.get('ca')
  if (ca !== null) return { ca: await readText(powers, ca) }
  return searchParams.get('tls') === 'true' ? {} : null
}

async function tell(session: MysqlSession, statement: string): Promise<void> {
  session.query(statement)
  const answer = await session.next()
  answer.throwIfError()
}

const unknownVariable = 1193

/** Each of the two has its own word for it, and refuses the other's. */
async function limitTime(session: MysqlSession, timeoutMs: Millis): Promise<void> {
  session.query(`set session max_execution_time = ${Math.ceil(timeoutMs)}`)
  const answer = await session.next()
  if (answer.errorCode() !== unknownVariable) return answer.throwIfError()
  await tell(session, `set session max_statement_time = ${timeoutMs / 1_000}`)
}

/** As bytes in hex: nothing in a value can end it. */
function withValues(text: string, values: readonly string[]): string {
  return text.replace(/\{\{(\d+)\}\}/g, (_whole, number: string) => {
    const value = values[Number(number) - 1] ?? ''
    return `_utf8mb4 X'${Buffer.from(value).toString('hex')}'`
  })
}

interface Column {
  readonly name: string
  readonly type: number
  readonly isBinary: boolean
}

async function rowsOf(session: MysqlSession, statement: string): Promise<Rows> {
  session.query(statement)
  const head = await session.next()
  head.throwIfError()
  if (head.isLocalFile()) throw new Error('it asks for a file of this machine')
  if (head.isOk()) return { columns: [], rows: [], more: false }
  const columns: Column[] = []
  for (let left = head.count(); left > 0; left -= 1) columns.push(columnOf(await session.next()))
  // What ends the columns.
  await session.next()
  const names = columns.map(({ name }) => name)
  const rows: unknown[][] = []
  for (;;) {
    const packet = await session.next()
    packet.throwIfError()
    if (packet.isEnd()) return { columns: names, rows, more: false }
    // Whoever has more than the cap closes the connection: nobody waits for the rest.
    if (rows.length === rowCap) return { columns: names, rows, more: true }
    rows.push(columns.map((column) => cellOf(packet.maybeText(), column)))
  }
}

function columnOf(packet: Packet): Column {
  packet.throwIfError()
  for (let skipped = 0; skipped < 4; skipped += 1) packet.bytes(packet.count())
  const name = packet.bytes(packet.count()).toString()
  packet.bytes(packet.count())
  packet.bytes(1)
  const charset = packet.bytes(2).readUInt16LE()
  packet.bytes(4)
  return { name, type: packet.bytes(1).readUInt8(), isBinary: charset === 63 }
}

const whole = new Set([1, 2, 3, 8, 9, 13])
const broken = new Set([0, 4, 5, 246])
const texts = new Set([249, 250, 251, 252, 253, 254])

function cellOf(bytes: Buffer | null, { type, isBinary }: Column): unknown {
  if (bytes === null) return null
  if (whole.has(type)) return BigInt(bytes.toString())
  if (broken.has(type)) return Number(bytes.toString())
  return isBinary && texts.has(type) ? Uint8Array.from(bytes) : bytes.toString()
}

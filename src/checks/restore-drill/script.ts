/**
 * The program of a restore drill, run by the launcher with `node`: chooses the newest complete dump, restores it into a
 * database that it makes itself, asks the questions, and drops that database again whatever happens. Its settings come as
 * JSON in HOLDPOINT_DRILL, the password of the server as PGPASSWORD; it prints one line of JSON.
 */

import { finding } from './finding.ts'

/** What the program tells; times are milliseconds. */
export interface DrillTold {
  /** Why nothing was tried, or what broke on our side; null = it went as far as the dump allowed. */
  readonly broken: string | null
  /** Why the dump is not good for a restore; null = it is. */
  readonly wrong: string | null
  readonly dump: { readonly name: string; readonly bytes: number; readonly completedAt: number } | null
  /** Files that were passed over, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  readonly startedAt: number
  /** When the last question was answered. */
  readonly verifiedAt: number | null
  readonly steps: readonly { readonly name: string; readonly ms: number }[]
  readonly answers: Readonly<Record<string, string>>
  /** The throw-away database, and whether it is gone. */
  readonly database: string | null
  readonly dropped: boolean
  /** Of earlier drills that were killed; dropped now. */
  readonly leftovers: readonly string[]
}

export interface DrillSettings {
  readonly dumps: string
  readonly server: string
  readonly production: readonly string[]
  readonly sameServer: boolean
  readonly minBytes: number
  readonly settledMs: number
  readonly skewMs: number
  readonly questions: Readonly<Record<string, string>>
}

const program = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')
const dns = process.getBuiltinModule('node:dns').promises
const crypto = process.getBuiltinModule('node:crypto')
const { spawn, spawnSync } = process.getBuiltinModule('node:child_process')

const given = JSON.parse(process.env.HOLDPOINT_DRILL)
const told = {
  broken: null, wrong: null, dump: null, skipped: [], startedAt: Date.now(), verifiedAt: null,
  steps: [], answers: {}, database: null, dropped: true, leftovers: [],
}
const OURS = /^holdpoint_drill_(\d{14})_[0-9a-f]{8}$/
class Broken extends Error {}
class Wrong extends Error {}
let child = null
let stopping = false

async function timed(name, work) {
  process.stderr.write(name + '\n')
  const from = process.hrtime.bigint()
  try {
    return await work()
  } finally {
    told.steps.push({ name, ms: Math.round(Number(process.hrtime.bigint() - from) / 1e6) })
  }
}

function run(program, words, env) {
  return new Promise((resolve, reject) => {
    if (stopping) return reject(new Broken('it was stopped'))
    const started = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    child = started
    let out = ''
    let err = ''
    started.stdout.setEncoding('utf8')
    started.stderr.setEncoding('utf8')
    started.stdout.on('data', (text) => { if (out.length < 1e6) out += text })
    started.stderr.on('data', (text) => { if (err.length < 1e5) err += text })
    started.on('error', (cause) =>
      reject(new Broken(cause.code === 'ENOENT' ? program + ' is not installed where this runs' : program + ': ' + cause.message)))
    started.on('close', (code, signal) => {
      child = null
      if (stopping) return reject(new Broken('it was stopped'))
      resolve({ code, signal, out, err: err.trim().split('\n').slice(0, 3).join(' ') })
    })
  })
}

function address(database) {
  const url = new URL(given.server)
  url.pathname = '/' + encodeURIComponent(database)
  return url.href
}

function psql(database, statement, env) {
  return run('psql', ['--no-psqlrc', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', address(database), '-c', statement], env)
}

async function asked(statement) {
  const answer = await psql(home(), statement)
  if (answer.code !== 0) throw new Broken('the drill server does not answer: ' + answer.err)
  return answer.out.split('\n').filter((line) => line !== '')
}

function home() {
  return decodeURIComponent(new URL(given.server).pathname.slice(1)) || 'postgres'
}

async function addressesOf(host) {
  const bare = host.replace(/^\[|\]$/g, '')
  const found = await dns.lookup(bare, { all: true }).catch(() => [])
  return new Set([bare.toLowerCase(), ...found.map((one) => one.address)])
}

// Whatever leads to a server that is named as production is refused, under any of its names.
async function guardServer() {
  const url = new URL(given.server)
  const port = url.port || '5432'
  const mine = await addressesOf(url.hostname)
  for (const place of given.production) {
    const [, host, own] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(place) ?? []
    if (host === undefined) throw new Broken('"' + place + '" is no host that could be told from production')
    if (own !== undefined && own !== port) continue
    for (const each of await addressesOf(host))
      if (mine.has(each)) throw new Broken('the drill server ' + url.host + ' is ' + place + ', which is production: nothing was done')
  }
}

function kindOf({ file, isFolder }) {
  if (isFolder) return fs.existsSync(path.join(file, 'toc.dat')) ? 'archive' : 'nothing'
  const head = Buffer.alloc(512)
  const open = fs.openSync(file, 'r')
  try { fs.readSync(open, head, 0, 512, 0) } finally { fs.closeSync(open) }
  if (head.subarray(0, 5).toString('latin1') === 'PGDMP') return 'archive'
  if (head.subarray(0, 7).toString('latin1') === 'toc.dat') return 'archive'
  return head.toString('latin1').includes('PostgreSQL database dump') ? 'text' : 'nothing'
}

function digestWrong({ file, isFolder }) {
  const beside = file + '.sha256'
  if (isFolder || !fs.existsSync(beside)) return null
  const [wanted] = fs.readFileSync(beside, 'utf8').trim().split(/\s+/)
  const hash = crypto.createHash('sha256')
  const open = fs.openSync(file, 'r')
  const piece = Buffer.alloc(1 << 20)
  try {
    for (let got = fs.readSync(open, piece, 0, piece.length, null); got > 0; got = fs.readSync(open, piece, 0, piece.length, null))
      hash.update(piece.subarray(0, got))
  } finally { fs.closeSync(open) }
  return hash.digest('hex') === wanted.toLowerCase() ? null : 'its bytes are not those of ' + path.basename(beside)
}

// Reads all of it, not only its table of contents: an archive that was cut lists cleanly.
async function archiveWrong({ file }) {
  const read = await run('pg_restore', ['-f', '/dev/null', file])
  return read.code === 0 ? null : 'it cannot be read to its end: ' + read.err
}

// A text dump is a program of psql: one that leaves its database, or starts commands, is not run.
async function textWrong({ file }) {
  const lines = process.getBuiltinModule('node:readline').createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })
  let isData = false
  let isComplete = false
  for await (const line of lines) {
    if (isData) { if (line === '\\.') isData = false; continue }
    if (/^COPY .* FROM stdin;$/i.test(line)) isData = true
    else if (line.startsWith('\\') && !/^\\(restrict|unrestrict) [A-Za-z0-9]+$/.test(line)) return 'it has a line for psql itself: ' + line.slice(0, 40)
    else if (/^\s*(CREATE|DROP|ALTER)\s+(DATABASE|ROLE|USER|TABLESPACE)\b|^\s*COPY\b.*\b(FROM|TO)\s+(PROGRAM|')/i.test(line)) return 'it changes more than its own database: ' + line.slice(0, 60)
    if (line === '-- PostgreSQL database dump complete') isComplete = true
  }
  return isComplete ? null : 'it ends before its end'
}

async function choose() {
  const found = candidates(given.dumps)
  for (const one of found) {
    const kind = kindOf(one)
    const wrong = kind === 'nothing' ? 'it is no dump of pg_dump' : digestWrong(one) ?? (kind === 'archive' ? await archiveWrong(one) : await textWrong(one))
    const after = standing(one.file)
    if (after.bytes !== one.bytes || after.completedAt !== one.completedAt) skip(one.name, 'it is being written')
    else if (wrong !== null) skip(one.name, wrong)
    else return { ...one, kind }
  }
  const many = told.skipped.length
  throw new Wrong(many === 0 ? 'there is no dump like ' + given.dumps : 'none of ' + many + ' dumps is complete; of ' + told.skipped[0].name + ': ' + told.skipped[0].why)
}

async function guardSource({ file, kind }) {
  if (kind !== 'archive' || given.sameServer) return
  const listed = await run('pg_restore', ['-l', file])
  const from = /^;\s+dbname: (.+)$/m.exec(listed.out)?.[1]
  if (from === undefined) return
  const databases = await asked("select datname from pg_database where not datistemplate and datname <> 'postgres'")
  if (databases.includes(from))
    throw new Broken('the drill server has a database "' + from + '", from which this dump was made: it may be production. Give drills a server of their own, or say same-server: true')
}

async function dropLeftovers() {
  const old = new Date(Date.now() - 86400000).toISOString().replace(/\D/g, '').slice(0, 14)
  const mine = await asked("select datname from pg_database d join pg_roles r on r.oid = d.datdba where r.rolname = current_user and datname like 'holdpoint\\_drill\\_%'")
  for (const name of mine) {
    const stamp = OURS.exec(name)?.[1]
    if (stamp === undefined || stamp > old) continue
    if ((await psql(home(), 'drop database "' + name + '" with (force)')).code === 0) told.leftovers.push(name)
  }
}

async function create() {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const name = 'holdpoint_drill_' + stamp + '_' + crypto.randomBytes(4).toString('hex')
  const made = await psql(home(), 'create database "' + name + '" template template0')
  if (made.code !== 0) throw new Broken('no throw-away database can be made: ' + made.err)
  told.database = name
  told.dropped = false
}

async function restore({ file, kind }) {
  const into = address(told.database)
  const done = kind === 'archive'
    ? await run('pg_restore', ['--no-owner', '--no-privileges', '--exit-on-error', '-d', into, file])
    : await run('psql', ['--no-psqlrc', '-q', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-o', '/dev/null', '-d', into, '-f', file])
  if (done.code !== 0) throw new Wrong('it does not restore: ' + done.err)
}

async function verify() {
  for (const [name, statement] of Object.entries(given.questions)) {
    const answer = await psql(told.database, statement, { PGOPTIONS: '-c default_transaction_read_only=on' })
    if (answer.code !== 0) throw new Wrong('the question "' + name + '" fails on the restored data: ' + answer.err)
    told.answers[name] = answer.out.replace(/\n$/, '').slice(0, 1000)
  }
  told.verifiedAt = Date.now()
}

// Asked synchronously and without regard to what is being stopped: it must be gone when this process is.
function drop() {
  if (told.database === null || told.dropped || !OURS.test(told.database)) return
  const words = ['--no-psqlrc', '-q', '-d', address(home()), '-c', 'drop database if exists "' + told.database + '" with (force)']
  told.dropped = spawnSync('psql', words, { stdio: 'ignore', timeout: 60000 }).status === 0
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
  process.on(signal, () => { stopping = true; child?.kill('SIGKILL') })

async function main() {
  await timed('guard', guardServer)
  const dump = await timed('choose', choose)
  told.dump = { name: dump.name, bytes: dump.bytes, completedAt: dump.completedAt }
  await timed('look', async () => { await guardSource(dump); await dropLeftovers() })
  await timed('create', create)
  await timed('restore', () => restore(dump))
  await timed('verify', verify)
}

main()
  .catch((cause) => {
    if (cause instanceof Wrong) told.wrong = cause.message
    else told.broken = cause instanceof Broken ? cause.message : String(cause?.message ?? cause)
  })
  .then(() => timed('drop', async () => drop()))
  .finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n'))
`

export const script = `${program}${finding}`

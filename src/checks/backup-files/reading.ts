/** Tells what a backup is by its first bytes and reads it to its end: the part of the program of `backup` that opens them. */

/** Needs `given`, the classes `Broken` and `Wrong`, and the modules. Never prints what is in a backup. */
export const reading = String.raw`
function headOf(file) {
  const head = Buffer.alloc(4096)
  const open = fs.openSync(file, 'r')
  try { return head.subarray(0, fs.readSync(open, head, 0, head.length, 0)) } finally { fs.closeSync(open) }
}

const starts = (head, text) => head.subarray(0, text.length).toString('latin1') === text

function encryptionIn(head) {
  if (starts(head, 'age-encryption.org/v1') || starts(head, '-----BEGIN AGE ENCRYPTED FILE')) return 'age'
  if (starts(head, 'Salted__')) return 'openssl'
  if (starts(head, '-----BEGIN PGP MESSAGE') || isOpenPgp(head)) return 'OpenPGP'
  if (starts(head, 'LUKS\xba\xbe')) return 'LUKS'
  return null
}

// A session key for somebody's key (tag 1) or for a password (tag 3) stands before everything that is encrypted.
function isOpenPgp(head) {
  const first = head[0] ?? 0
  if ((first & 0x80) === 0) return false
  const isNew = (first & 0x40) !== 0
  const tag = isNew ? first & 0x3f : (first >> 2) & 0xf
  const sizeBytes = isNew ? (head[1] < 192 ? 1 : head[1] < 224 ? 2 : 5) : [1, 2, 4, 0][first & 3]
  const version = head[1 + sizeBytes]
  return (tag === 1 && (version === 3 || version === 6)) || (tag === 3 && [4, 5, 6].includes(version))
}

function compressionIn(head) {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (head.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return 'zstd'
  if (starts(head, '\xfd7zXZ\x00')) return 'xz'
  if (starts(head, 'BZh')) return 'bzip2'
  return null
}

function kindIn(head) {
  if (starts(head, 'PGDMP')) return 'pg_dump archive'
  if (starts(head, 'SQLite format 3\x00')) return 'SQLite database'
  if (head.length >= 512 && head.subarray(257, 262).toString('latin1') === 'ustar') return 'tar'
  if (starts(head, 'REDIS0')) return 'Redis dump'
  if (starts(head, 'PK\x03\x04')) return 'zip'
  const text = head.toString('latin1')
  if (/^-- (PostgreSQL database|MySQL dump|MariaDB dump|Dump of)|PostgreSQL database (cluster )?dump/m.test(text)) return 'SQL'
  return null
}

function started(tool, words, stdio) {
  const child = spawn(tool, words, { stdio })
  child.problem = new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new Broken(cause.code === 'ENOENT' ? tool + ' is not installed where this runs' : tool + ': ' + cause.code)))
    child.on('close', (code, signal) => resolve(code === 0 ? null : code === 127 && tool === 'bash' ? 'missing' : signal ?? code))
  })
  child.problem.catch(() => {})
  return child
}

// Bytes by a tool: what ends badly is said after the last of them.
async function* through(source, tool, words) {
  const child = started(tool, words, ['pipe', 'pipe', 'ignore'])
  child.stdin.on('error', () => {})
  const feeding = (async () => {
    for await (const piece of source) {
      if (child.stdin.destroyed) return
      if (!child.stdin.write(piece)) await new Promise((resolve) => { child.stdin.once('drain', resolve); child.stdin.once('close', resolve) })
    }
    child.stdin.end()
  })()
  feeding.catch(() => child.kill())
  try {
    yield* child.stdout
    const ended = await child.problem
    if (ended === 'missing') throw new Broken('the tool that decrypts is not installed where this runs')
    if (ended !== null) throw new Wrong(tool === 'bash' ? 'it does not decrypt (' + ended + ')' : tool + ' cannot read it to its end (' + ended + ')')
    await feeding
  } finally { child.kill() }
}

async function* unpacked(source, how) {
  const stream = process.getBuiltinModule('node:stream')
  const unpack = how === 'gzip' ? zlib.createGunzip() : zlib.createZstdDecompress()
  try { yield* stream.pipeline(source, unpack, () => {}) } catch (cause) {
    if (cause instanceof Broken || cause instanceof Wrong) throw cause
    throw new Wrong('its ' + how + ' is broken: ' + (cause.code ?? cause.message))
  }
}

function opened(source, how) {
  if (how === 'gzip' || (how === 'zstd' && zlib.createZstdDecompress)) return unpacked(source, how)
  return through(source, how, ['--decompress', '--stdout'])
}

// The first bytes, and all of them again.
async function peeked(source) {
  const all = source[Symbol.asyncIterator]()
  const pieces = []
  let size = 0
  while (size < 4096) {
    const { value, done } = await all.next()
    if (done) break
    pieces.push(value)
    size += value.length
  }
  const head = Buffer.concat(pieces)
  return { head, whole: (async function* () { yield head; yield* { [Symbol.asyncIterator]: () => all } })() }
}

async function readArchive(source) {
  const child = started('pg_restore', ['-f', '/dev/null'], ['pipe', 'ignore', 'ignore'])
  child.stdin.on('error', () => {})
  try {
    for await (const piece of source)
      if (!child.stdin.destroyed && !child.stdin.write(piece)) await Promise.race([child.problem, new Promise((resolve) => child.stdin.once('drain', resolve))])
    child.stdin.end()
    if ((await child.problem) !== null) throw new Wrong('pg_restore cannot read it to its end')
  } finally { child.kill() }
}

// Header by header: each with its sum, each file whole, and the two empty blocks that end it.
async function readTar(source) {
  let rest = Buffer.alloc(0)
  let skipping = 0
  let empty = 0
  for await (const piece of source) {
    if (empty >= 2) continue
    let at = Math.min(skipping, piece.length)
    skipping -= at
    if (skipping > 0) continue
    rest = Buffer.concat([rest, piece.subarray(at)])
    at = 0
    while (rest.length - at >= 512 && skipping === 0 && empty < 2) {
      const block = rest.subarray(at, at + 512)
      at += 512
      if (block.every((byte) => byte === 0)) { empty += 1; continue }
      empty = 0
      const blocks = Math.ceil(sizeIn(block) / 512) * 512
      const here = Math.min(blocks, rest.length - at)
      at += here
      skipping = blocks - here
    }
    rest = rest.subarray(at)
  }
  if (skipping > 0 || empty === 0) throw new Wrong('the tar ends before its end')
}

function sizeIn(block) {
  let sum = 0
  for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 32 : block[at]
  if (parseInt(block.subarray(148, 156).toString('latin1'), 8) !== sum) throw new Wrong('the tar has a header whose sum is wrong')
  if ((block[124] & 0x80) !== 0) return Number(block.readBigUInt64BE(128))
  return parseInt(block.subarray(124, 136).toString('latin1'), 8) || 0
}

async function readSql(source) {
  let last = ''
  for await (const piece of source) last = (last + piece.toString('latin1')).slice(-2000)
  if (!/^-- (PostgreSQL database (cluster )?dump complete|Dump completed)/m.test(last)) throw new Wrong('the SQL ends before its end')
}

async function readRedis(source, head) {
  let last = Buffer.alloc(0)
  for await (const piece of source) last = Buffer.concat([last, piece]).subarray(-9)
  if (last[0] !== 0xff || Number(head.subarray(5, 9).toString('latin1')) < 5) throw new Wrong('the dump of Redis ends before its end')
}

async function drained(source) {
  let size = 0
  for await (const piece of source) size += piece.length
  return size
}

const readers = { 'pg_dump archive': readArchive, tar: readTar, SQL: readSql, 'Redis dump': readRedis }

// From the end: the list of what is in it, and that it reaches up to there.
function readZip(file) {
  const { size } = fs.statSync(file)
  const tail = Buffer.alloc(Math.min(size, 65557))
  const open = fs.openSync(file, 'r')
  try { fs.readSync(open, tail, 0, tail.length, size - tail.length) } finally { fs.closeSync(open) }
  const at = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (at < 0) throw new Wrong('the zip ends before its end')
}

function readSqlite(file) {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  let said
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    try { said = database.prepare('pragma integrity_check(1)').get()?.integrity_check } finally { database.close() }
  } catch { said = 'it cannot be read' }
  if (said !== 'ok') throw new Wrong('the SQLite database is broken')
}

async function digestOf(file) {
  const beside = file + '.sha256'
  if (!fs.existsSync(beside)) return false
  const [wanted] = fs.readFileSync(beside, 'utf8').trim().split(/\s+/)
  const hash = crypto.createHash('sha256')
  for await (const piece of fs.createReadStream(file)) hash.update(piece)
  if (hash.digest('hex') !== wanted.toLowerCase()) throw new Wrong('its bytes are not those of ' + path.basename(beside))
  return true
}

async function folderInside({ file }) {
  if (!fs.existsSync(path.join(file, 'toc.dat'))) return { is: null, encrypted: null, isRead: false }
  if (given.integrity) {
    const child = started('pg_restore', ['-f', '/dev/null', file], ['ignore', 'ignore', 'ignore'])
    if ((await child.problem) !== null) throw new Wrong('pg_restore cannot read it to its end')
  }
  return { is: 'pg_dump folder', encrypted: null, isRead: given.integrity }
}

// Layer by layer: what encrypts, what compresses, what is inside.
async function insideOf(one) {
  if (one.isFolder) return folderInside(one)
  const first = headOf(one.file)
  const encrypted = encryptionIn(first)
  if (!given.integrity) return { is: encrypted ?? compressionIn(first) ?? kindIn(first), encrypted, isRead: false }
  const isWhole = await digestOf(one.file)
  let source = fs.createReadStream(one.file)
  const layers = []
  if (encrypted !== null || given.decrypt !== null) {
    if (encrypted !== null) layers.push(encrypted)
    if (given.decrypt === null) return { is: encrypted, encrypted, isRead: isWhole }
    source = through(source, 'bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', given.decrypt])
  }
  let { head, whole } = await peeked(source)
  if (head.length === 0) throw new Wrong('there is nothing in it')
  const how = compressionIn(head)
  if (how !== null) {
    layers.push(how)
    ;({ head, whole } = await peeked(opened(whole, how)))
    if (head.length === 0) throw new Wrong('there is nothing in it')
  }
  const kind = kindIn(head)
  if (kind !== null) layers.push(kind)
  // A program that failed wrote its words into the file: whole, and no backup.
  const isOther = kind === null && /\.sql\b/i.test(path.basename(one.file))
  if (isOther && layers.length > 0) layers.push('no SQL dump that is known')
  const isPlain = layers.length === 1 && given.decrypt === null
  if (isPlain && kind === 'zip') readZip(one.file)
  else if (isPlain && kind === 'SQLite database') readSqlite(one.file)
  else if (readers[kind]) await readers[kind](whole, head)
  else await drained(whole)
  const isRead = isWhole || (!isOther && (how !== null || given.decrypt !== null || (kind !== null && (isPlain || readers[kind] !== undefined))))
  return { is: layers.length === 0 ? null : layers.join(' of '), encrypted: encrypted, isRead }
}
`

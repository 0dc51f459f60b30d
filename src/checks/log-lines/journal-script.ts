/**
 * The program that reads the journal of systemd, run by the launcher with `node`. Settings come as JSON in HOLDPOINT_JOURNAL; it prints
 * one line of JSON: why there is nothing, or the lines, packed so that they fit into what is kept of a command.
 */

export const script = String.raw`
'use strict'
const { spawn } = process.getBuiltinModule('node:child_process')
const { gzipSync } = process.getBuiltinModule('node:zlib')
const given = JSON.parse(process.env.HOLDPOINT_JOURNAL)
const words = ['--no-pager', '--quiet', '--output=json', '--output-fields=MESSAGE', '--since=@' + given.since, '--lines=' + (given.lines + 1)]
for (const option of ['unit', 'identifier', 'priority', 'directory']) if (given[option]) words.push('--' + option + '=' + given[option])
const tell = (told) => process.stdout.write('\n' + JSON.stringify(told) + '\n')
const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
let rows = []
let rest = ''
let err = ''
child.stdout.setEncoding('utf8')
child.stdout.on('data', (text) => {
  const lines = (rest + text).split('\n')
  rest = lines.pop()
  for (const line of lines) {
    const { MESSAGE: said, __REALTIME_TIMESTAMP: at } = JSON.parse(line)
    // What is no text comes as its bytes; what is very long does not come at all.
    const message = Array.isArray(said) ? Buffer.from(said.flat()).toString('utf8') : String(said ?? '')
    rows.push([Math.floor(Number(at) / 1000), message.slice(0, 16384)])
  }
})
child.stderr.on('data', (text) => { if (err.length < 1000) err += text })
child.on('error', (cause) => tell({ why: cause.code === 'ENOENT' ? 'journalctl is not installed where this runs' : cause.message }))
child.on('close', (code) => {
  if (code === null || code < 0) return
  if (code !== 0 && err.trim() !== '') return tell({ why: 'journalctl: ' + err.trim().split('\n')[0] })
  let isCut = rows.length > given.lines
  let size = 0
  let from = rows.length
  while (from > 0 && size + rows[from - 1][1].length < given.bytes && rows.length - from < given.lines) size += rows[--from][1].length + 24
  isCut = isCut || from > 0
  let packed = gzipSync(JSON.stringify(rows.slice(from))).toString('base64')
  while (packed.length > 900000) {
    isCut = true
    from += Math.ceil((rows.length - from) / 2)
    packed = gzipSync(JSON.stringify(rows.slice(from))).toString('base64')
  }
  tell({ isCut, packed })
})
`

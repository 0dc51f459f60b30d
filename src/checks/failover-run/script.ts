/**
 * The program that breaks something and mends it again, run by the launcher with `node`, so that it also mends when the engine is
 * gone or stops it. Settings come as JSON in HOLDPOINT_FAULT; it prints one line of JSON.
 */

/** Times are milliseconds; null = it did not come to that. */
export interface FaultTold {
  /** The run that started it, by a name that no other has. */
  readonly run: string
  /** Why nothing was broken, or breaking it did not work; null = it was. */
  readonly broken: string | null
  readonly brokenAt: number | null
  readonly mendingAt: number | null
  readonly mendedAt: number | null
  /** Why it could not be mended; null = it was, or nothing had been broken. */
  readonly unmended: string | null
}

export interface FaultSettings {
  readonly run: string
  /** Lines for bash; null = a signal does it. */
  readonly break: string | null
  readonly mend: string | null
  readonly process: {
    readonly pidFile: string
    readonly name: string
    readonly signal: 'STOP' | 'KILL' | 'TERM'
  } | null
  readonly brokenForMs: number
  /** Nothing is broken: only what an earlier run may have left is mended. */
  readonly isMending: boolean
}

export const script = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const { spawn } = process.getBuiltinModule('node:child_process')

const given = JSON.parse(process.env.HOLDPOINT_FAULT)
const told = { run: given.run, broken: null, brokenAt: null, mendingAt: null, mendedAt: null, unmended: null }
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
let wake = () => {}
let stopping = false
// Whoever stops it stops all that it started as well: what is mended is mended afterwards.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => { stopping = true; wake() })

function bash(line) {
  return new Promise((resolve) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', line], { stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    child.stderr.on('data', (text) => { if (err.length < 2000) err += text })
    child.on('error', (cause) => resolve('bash cannot be started: ' + cause.code))
    child.on('exit', (code, signal) => resolve(code === 0 ? null : 'exit ' + (code ?? signal) + (err === '' ? '' : ': ' + err.trim().split('\n')[0])))
  })
}

// The process that the file names, if it is still the one that is meant: numbers are given out again.
function target() {
  const { pidFile, name } = given.process
  let pid
  try { pid = Number(fs.readFileSync(pidFile, 'utf8').trim().split('\n')[0]) } catch (cause) { throw new Error(pidFile + ' cannot be read: ' + cause.code) }
  if (!Number.isInteger(pid) || pid < 2 || pid === process.pid || pid === process.ppid) throw new Error(pidFile + ' names no process')
  let is
  try { is = fs.readFileSync('/proc/' + pid + '/comm', 'utf8').trim() } catch { throw new Error('the process ' + pid + ' of ' + pidFile + ' is not there') }
  if (is !== name.slice(0, 15)) throw new Error('the process ' + pid + ' of ' + pidFile + ' is ' + is + ', expected ' + name)
  return pid
}

async function breakIt() {
  if (given.process === null) return bash(given.break)
  try { process.kill(target(), 'SIG' + given.process.signal) } catch (cause) { return cause.message }
  return null
}

async function mendOnce() {
  if (given.process?.signal === 'STOP') {
    try { process.kill(target(), 'SIGCONT') } catch (cause) { return cause.message }
  }
  return given.mend === null ? null : bash(given.mend)
}

async function mend() {
  let why = null
  for (const pause of [0, 500, 2000]) {
    await wait(pause)
    why = await mendOnce()
    if (why === null) return null
  }
  return why
}

async function main() {
  // What an earlier run left, and the proof that mending works before anything is broken.
  const before = await mend()
  if (before !== null) {
    told.broken = 'it cannot be mended, so nothing was broken: ' + before
    if (given.isMending) told.unmended = before
    return
  }
  if (given.isMending || stopping) {
    told.mendedAt = Date.now()
    if (stopping) told.broken = 'it was stopped before anything was broken'
    return
  }
  try {
    told.broken = await breakIt()
    told.brokenAt = Date.now()
    if (told.broken !== null) return
    process.stderr.write('broken\n')
    await new Promise((resolve) => { wake = resolve; setTimeout(resolve, given.brokenForMs); if (stopping) resolve() })
    if (stopping) told.broken = 'it was stopped'
  } finally {
    told.mendingAt = Date.now()
    told.unmended = await mend()
    if (told.unmended === null) told.mendedAt = Date.now()
  }
}

main()
  .catch((cause) => { told.broken = String(cause?.message ?? cause) })
  .finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n', () => process.exit(0)))
`

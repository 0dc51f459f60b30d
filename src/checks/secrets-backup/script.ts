/**
 * The program that looks into a backup of secrets, run by the launcher with `node`: what it decrypts stays in its memory.
 * It tells how much there was and which names were in it, never a value, and nothing that the tool said.
 */
import { finding } from '../restore-drill/finding.ts'

export interface BackupTold {
  /** Why nothing could be looked at; null = it could. */
  readonly broken: string | null
  /** Why the backup is no good; null = it is. */
  readonly wrong: string | null
  readonly file: { readonly name: string; readonly bytes: number; readonly completedAt: number } | null
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  readonly startedAt: number
  readonly plainBytes: number
  readonly missing: readonly string[]
}

export interface BackupSettings {
  readonly files: string
  readonly decrypt: string
  readonly names: readonly string[]
  readonly minBytes: number
  readonly settledMs: number
  readonly skewMs: number
}

const program = String.raw`
'use strict'
const fs = process.getBuiltinModule('node:fs')
const path = process.getBuiltinModule('node:path')
const { spawn } = process.getBuiltinModule('node:child_process')

const given = JSON.parse(process.env.HOLDPOINT_BACKUP)
const told = { broken: null, wrong: null, file: null, skipped: [], startedAt: Date.now(), plainBytes: 0, missing: [] }
class Broken extends Error {}
const MOST = 64 * 1024 * 1024

function decrypted(file) {
  return new Promise((resolve, reject) => {
    const input = fs.openSync(file, 'r')
    const tool = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', given.decrypt], { stdio: [input, 'pipe', 'ignore'] })
    const pieces = []
    let size = 0
    tool.stdout.on('data', (piece) => { size += piece.length; if (size <= MOST) pieces.push(piece) })
    tool.on('error', () => reject(new Broken('bash is not installed where this runs')))
    tool.on('close', (code) => {
      fs.closeSync(input)
      if (code === 127) reject(new Broken('the tool that decrypts is not installed where this runs'))
      else resolve({ code, size, text: size <= MOST ? Buffer.concat(pieces).toString('latin1') : null })
    })
  })
}

// As a line of an env file, or a key of YAML or JSON.
function holds(text, name) {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? '\n'
    const after = text.slice(at + name.length, at + name.length + 4)
    if (/[\s"'{,]/.test(before) && /^["']?\s*[:=]/.test(after)) return true
  }
  return false
}

async function main() {
  const [newest] = candidates(given.files)
  if (newest === undefined) {
    told.wrong = told.skipped.length === 0 ? 'there is no backup like ' + given.files : 'no backup is complete; of ' + told.skipped[0].name + ': ' + told.skipped[0].why
    return
  }
  told.file = { name: newest.name, bytes: newest.bytes, completedAt: newest.completedAt }
  const { code, size, text } = await decrypted(newest.file)
  told.plainBytes = size
  if (code !== 0) told.wrong = 'it does not decrypt (exit ' + code + ')'
  else if (size === 0) told.wrong = 'it decrypts to nothing'
  else if (text === null) told.broken = 'it decrypts to more than ' + MOST + ' bytes'
  else told.missing = given.names.filter((name) => !holds(text, name))
}

main()
  .catch((cause) => { told.broken = cause instanceof Broken ? cause.message : 'it could not be looked at: ' + (cause.code ?? cause.name) })
  .finally(() => process.stdout.write('\n' + JSON.stringify(told) + '\n'))
`

export const script = `${program}${finding}`

#!/usr/bin/env node
/* Starts Holdpoint under a Node that can run it. Plain JavaScript that Node 18 parses: it must be able to say which Node it needs. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NODE_NEEDED = 24
const FAULT = 4
const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const args = process.argv.slice(2)

/** The Node that the install brought, wherever npm put it. */
function nodeOfTheInstall() {
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)),
      'bin',
      'node',
    )
  } catch {
    const linked = join(root, 'node_modules', '.bin', 'node')
    return existsSync(linked) ? linked : null
  }
}

function majorOf(version) {
  return Number(version.slice(1).split('.')[0])
}

/** Runs this file again under `node`; signals and the exit code pass through. */
function runUnder(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
    env: { ...process.env, HOLDPOINT_REEXEC: '1' },
  })
  // A terminal's Ctrl-C reaches the child without us: handing it on would make it two.
  const own = process.stdin.isTTY ? [] : ['SIGINT', 'SIGQUIT']
  for (const signal of [...own, 'SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  if (process.stdin.isTTY) for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {})
  child.on('error', (cause) => needsNode(`${node} does not start (${cause.message})`))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

function needsNode(why) {
  process.stderr.write(
    `holdpoint needs Node ${NODE_NEEDED} or newer; this is ${process.version}, and ${why}. Run \`npm ci\` here, or install Node ${NODE_NEEDED}.\n`,
  )
  process.exit(FAULT)
}

function printVersion() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify({ version, node: process.version })}\n`
      : `holdpoint ${version} (node ${process.version})\n`,
  )
}

/** A checkout runs its sources, so that a forgotten build is never what you run; an installed package has only `dist`. */
async function runCli() {
  module.enableCompileCache?.()
  const source = join(root, 'src', 'cli', 'main.ts')
  const entry = existsSync(source) ? source : join(root, 'dist', 'src', 'cli', 'main.js')
  const { main } = await import(pathToFileURL(entry).href)
  process.exitCode = await main(args)
}

if (majorOf(process.version) < NODE_NEEDED) {
  const node = process.env.HOLDPOINT_REEXEC ? null : nodeOfTheInstall()
  if (node === null) needsNode('the install brought no other')
  else runUnder(node)
} else if (args[0] === 'version' || args[0] === '--version') {
  printVersion()
} else {
  delete process.env.HOLDPOINT_REEXEC
  await runCli()
}

#!/usr/bin/env node
/*
 * Starts Holdpoint under a Node that can run it. Plain JavaScript that Node 18 parses: it must be able to say which Node it needs.
 * Nothing of Node is imported by name: that would load all that a built-in module could ever give, 10 ms of every start.
 */
const NODE_NEEDED = 24
const FAULT = 4
const args = process.argv.slice(2)
/** Processes that stay for weeks are kept small: the same flags as those of the engine that terminals start. */
const FLAGS_OF_STAYERS = ['--max-semi-space-size=4']

if (Number(process.version.slice(1).split('.')[0]) < NODE_NEEDED) await startUnderAnotherNode()
else await start()

async function start() {
  const stays = (args[0] === 'serve' || args[0] === 'worker') && !args.includes('--help')
  // The same process goes on under the flags; where the system cannot do that, it is a little larger.
  if (stays && process.execve && process.platform === 'linux' && !process.execArgv.includes(FLAGS_OF_STAYERS[0]))
    process.execve(
      process.execPath,
      [process.execPath, ...FLAGS_OF_STAYERS, import.meta.filename, ...args],
      process.env,
    )
  delete process.env.HOLDPOINT_REEXEC
  const { dirname, join } = process.getBuiltinModule('node:path')
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs')
  const root = dirname(import.meta.dirname)
  if (args[0] === 'version' || args[0] === '--version') {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const plain = `holdpoint ${version} (node ${process.version})`
    process.stdout.write(`${args.includes('--json') ? JSON.stringify({ version, node: process.version }) : plain}\n`)
    return
  }
  process.getBuiltinModule('node:module').enableCompileCache()
  // A checkout runs its sources, so that a forgotten build is never what you run; an installed package has only `dist`.
  const source = join(root, 'src', 'cli', 'main.ts')
  const { main } = await import(existsSync(source) ? source : join(root, 'dist', 'src', 'cli', 'main.js'))
  process.exitCode = await main(args)
}

/** Runs this file again under the Node that the install brought; signals and the exit code pass through. */
async function startUnderAnotherNode() {
  const node = process.env.HOLDPOINT_REEXEC ? null : await nodeOfTheInstall()
  if (node === null) return needsNode('the install brought no other')
  const { spawn } = await import('node:child_process')
  const { constants } = await import('node:os')
  const { fileURLToPath } = await import('node:url')
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], {
    stdio: 'inherit',
    env: { ...process.env, HOLDPOINT_REEXEC: '1' },
  })
  // A terminal's Ctrl-C reaches the child without us: handing it on would make it two.
  const ofTerminal = process.stdin.isTTY ? () => {} : (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, ofTerminal)
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, (name) => child.kill(name))
  child.on('error', (cause) => needsNode(`${node} does not start (${cause.message})`))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

/** Wherever npm put it; null when there is none. */
async function nodeOfTheInstall() {
  const { createRequire } = await import('node:module')
  const { dirname, join } = await import('node:path')
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)
    return join(dirname(manifest), 'bin', 'node')
  } catch {
    return null
  }
}

function needsNode(why) {
  const message = `holdpoint needs Node ${NODE_NEEDED} or newer; this is ${process.version}, and ${why}.`
  process.stderr.write(`${message} Run \`npm ci\` here, or install Node ${NODE_NEEDED}.\n`)
  process.exit(FAULT)
}

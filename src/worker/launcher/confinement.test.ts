/** Limits on commands: the words before the launcher's command line, and what real commands meet under them. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CommandRequest } from '../../core/ports/launcher.ts'
import {
  type Confinement,
  confinedLine,
  confinementText,
  type ConfinementTools,
  hardLimits,
  missingTools,
  toolsHere,
  unconfined,
} from './confinement.ts'
import { command, contentBelow, eventually, text, Workshop } from './test-support/workshop.ts'

const everything: Confinement = {
  noNewPrivileges: true,
  limits: { core: 0, nofile: 256, nproc: 40, fsize: 1_048_576 },
  user: null,
}
const both: ConfinementTools = { prlimit: '/usr/bin/prlimit', setpriv: '/usr/bin/setpriv', most: {} }

describe('the command line of a launcher', () => {
  test('has the limits in front of it, and is as it was without any', () => {
    expect(confinedLine(['node', 'main.ts'], everything, both)).toEqual([
      '/usr/bin/prlimit',
      '--core=0',
      '--nofile=256',
      '--nproc=40',
      '--fsize=1048576',
      '/usr/bin/setpriv',
      '--no-new-privs',
      'node',
      'main.ts',
    ])
    expect(confinedLine(['node'], unconfined, both)).toEqual(['node'])
    expect(confinementText(everything)).toBe('no-new-privs,core=0,nofile=256,nproc=40,fsize=1048576')
  })

  test('asks for no more than this process may have itself', () => {
    const table =
      'Limit   Soft Limit   Hard Limit   Units\nMax processes   10   unlimited   processes\nMax open files   64   128   files\n'
    const most = hardLimits(table)
    expect(most).toEqual({ nofile: 128 })
    expect(confinedLine(['node'], everything, { ...both, most })).toContain('--nofile=128')
  })

  test('names the programs that are missing, and only those that are needed', () => {
    const none: ConfinementTools = { prlimit: null, setpriv: null, most: {} }
    expect(missingTools(everything, none)).toEqual(['prlimit', 'setpriv'])
    expect(missingTools({ ...unconfined, limits: { core: 0 } }, none)).toEqual(['prlimit'])
    expect(missingTools(unconfined, none)).toEqual([])
  })
})

const canConfine = missingTools(everything, toolsHere()).length === 0
if (!canConfine) console.warn('notice: no prlimit and setpriv here; limits are not tested on real commands')

describe.runIf(canConfine)('a command under limits', () => {
  const workshop = new Workshop()
  afterAll(() => workshop.clean())
  const directory = workshop.folder()
  const run = async (script: string, more: Partial<CommandRequest> = {}) => {
    const launcher = await workshop.launcher(directory, { confinement: everything })
    const result = await launcher.run(command(script, more))
    launcher.close()
    return { ...result, ...text(result) }
  }

  test('can gain no rights: a program with rights of its own gets none of them', async () => {
    const result = await run('grep NoNewPrivs /proc/self/status; (setsid grep NoNewPrivs /proc/self/status)')
    expect(result.stdout).toBe('NoNewPrivs:\t1\nNoNewPrivs:\t1\n')
  })

  test('cannot raise its limits again as an ordinary user, and leaves no core file', async () => {
    const script = `import os, resource
if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))
try: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
except ValueError as refused: print(refused)
`
    expect((await run(script, { shell: 'python' })).stdout).toBe(
      '(0, 0) (256, 256)\nnot allowed to raise maximum limit\n',
    )
  })

  test('that starts process after process is stopped by the limit', async () => {
    // For root the system makes an exception, so the test gives those rights up first.
    const script = `import os, signal, time
if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
children = []
try:
  while len(children) < 200:
    child = os.fork()
    if child == 0: time.sleep(60); os._exit(0)
    children.append(child)
  print('never stopped')
except BlockingIOError: print('stopped', len(children) <= 40)
for child in children: os.kill(child, signal.SIGKILL)
`
    expect(await run(script, { shell: 'python' })).toMatchObject({ exitCode: 0, stdout: 'stopped True\n' })
  })

  test('that fills the disk with one file fails, and its output says why', async () => {
    const place = workshop.folder()
    const result = await run('head -c 3000000 /dev/zero > big; echo not reached', { cwd: place })
    expect(result).toMatchObject({ ended: 'exit', exitCode: 153, stdout: '' })
    expect(result.stderr).toContain('File size limit exceeded')
    expect(statSync(join(place, 'big')).size).toBe(1_048_576)
  })

  test('never runs in a launcher that was started under other limits and has nothing to do', async () => {
    const shared = workshop.folder()
    const lax = await workshop.launcher(shared)
    expect(text(await lax.run(command('grep NoNewPrivs /proc/self/status'))).stdout).toBe(ownNoNewPrivileges())
    const strict = await workshop.launcher(shared, { confinement: everything })
    expect(strict.pid).not.toBe(lax.pid)
    expect(text(await strict.run(command('grep NoNewPrivs /proc/self/status'))).stdout).toBe('NoNewPrivs:\t1\n')
  })

  test('that runs already is not ended by new limits: its result is fetched', async () => {
    const shared = workshop.folder()
    const lax = await workshop.launcher(shared)
    const request = command('sleep 4; echo ended by itself')
    const { pid } = lax
    const pending = lax.run(request)
    await eventually('its start', () => contentBelow(join(shared, 'spool')).includes('ended by itself'))
    const strict = await workshop.launcher(shared, { confinement: everything })
    const result = await strict.attach(request.attempt)
    expect(text(result ?? expect.fail('no result')).stdout).toBe('ended by itself\n')
    await pending
    // Or it would start one of its own again, to ask it.
    lax.close()
    await eventually('the end of the old launcher', () => !isAlive(pid))
    let status = ''
    for (let tries = 0; tries < 20 && status !== 'NoNewPrivs:\t1\n'; tries += 1)
      status = text(await strict.run(command('grep NoNewPrivs /proc/self/status'))).stdout
    expect(status).toBe('NoNewPrivs:\t1\n')
  })
})

/** As this process has it: a machine may set it for all. */
function ownNoNewPrivileges(): string {
  return `${/NoNewPrivs:\t\d/.exec(readFileSync('/proc/self/status', 'latin1'))?.[0]}\n`
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false
  }
}

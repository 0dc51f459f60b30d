/** The launcher as a real process: its contract with and without control groups, and every way to lose somebody. */
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { launcherContract } from './launcher.contract.ts'
import {
  command,
  contentBelow,
  eventually,
  freshAttempt,
  living,
  readOrEmpty,
  text,
  Workshop,
} from './test-support/workshop.ts'
import { ControlGroups } from './tree.ts'

const hasControlGroups = canUseControlGroups()
if (!hasControlGroups) console.warn('notice: no right to make control groups here; only the other means are tested')
if (hasControlGroups) launcherContract({ name: 'with control groups', options: {}, isExact: true })
launcherContract({ name: 'without control groups', options: { controlGroups: false }, isExact: false })

const workshop = new Workshop()
afterAll(() => workshop.clean())

describe('losing the engine', () => {
  test('a command goes on when its engine is killed, and the next engine gets the result', async () => {
    const directory = workshop.folder()
    const started = join(directory, 'started')
    const request = command(`echo start >> ${started}; sleep 1; echo survived`)
    const engine = spawn(process.execPath, ['--input-type=module', '-e', engineThatRuns(directory, request)])
    await eventually('the start', () => existsSync(started))
    engine.kill('SIGKILL')
    await new Promise((resolve) => engine.once('exit', resolve))
    const launcher = await workshop.launcher(directory)
    const result = await launcher.attach(request.attempt)
    expect(result).toMatchObject({ ended: 'exit', exitCode: 0 })
    expect(text(result ?? expect.fail('no result')).stdout).toBe('survived\n')
    expect(readOrEmpty(started)).toBe('start\n')
  })

  test('a result nobody fetched is still there after the launcher left by itself', async () => {
    const directory = workshop.folder()
    const first = await workshop.launcher(directory, { idleMs: 50 })
    const request = command('echo kept')
    await first.run(request)
    const { pid } = first
    first.close()
    await eventually('the end of the idle launcher', () => !existsSync(`/proc/${pid}`))
    const second = await workshop.launcher(directory)
    expect(second.pid).not.toBe(pid)
    expect(await second.run(request)).toMatchObject({ ended: 'exit', exitCode: 0 })
  })
})

describe('losing the launcher', () => {
  for (const controlGroups of [true, false])
    for (const effect of ['read', 'change'] as const)
      test(`a ${effect} whose launcher was killed is lost, dead, and never started again (control groups: ${controlGroups})`, async () => {
        const directory = workshop.folder()
        const launcher = await workshop.launcher(directory, { controlGroups })
        const starts = join(directory, 'starts')
        const sleep = `5${process.pid}.${directory.length}${effect.length}${Number(controlGroups)}`
        const script = `echo start >> ${starts}; echo before; setsid sleep ${sleep} & trap '' TERM; sleep 1.5; echo later; sleep ${sleep}`
        const request = command(script, { effect })
        const pending = launcher.run(request)
        await eventually('both sleeps', () => living(sleep).length >= 2)
        await eventually('the copy of the output', () => contentBelow(join(directory, 'spool')).includes('before'))
        process.kill(launcher.pid, 'SIGKILL')
        const result = await pending
        expect(result).toMatchObject({ ended: 'lost', exitCode: null })
        expect(text(result).stdout).toContain('before')
        expect(living(sleep)).toEqual([])
        expect(await launcher.run(request)).toMatchObject({ ended: 'lost' })
        expect(await launcher.attach(request.attempt)).toMatchObject({ ended: 'lost' })
        expect(readOrEmpty(starts)).toBe('start\n')
      })

  test('a launcher killed at any moment of many commands starts none of them twice', async () => {
    const directory = workshop.folder()
    const starts = join(directory, 'starts')
    const launcher = await workshop.launcher(directory)
    for (let round = 0; round < 8; round += 1) {
      const requests = Array.from({ length: 6 }, () => {
        const attempt = freshAttempt()
        return command(`echo "${attempt}" >> ${starts}; sleep 0.0${round}`, { attempt })
      })
      const pending = requests.map((request) => launcher.run(request))
      await new Promise((resolve) => setTimeout(resolve, round * 4))
      process.kill(launcher.pid, 'SIGKILL')
      for (const result of await Promise.all(pending)) expect(['exit', 'lost']).toContain(result.ended)
    }
    const lines = readOrEmpty(starts)
      .split('\n')
      .filter((line) => line !== '')
    expect(new Set(lines).size).toBe(lines.length)
  })

  test('secrets that were lent reach the next launcher too', async () => {
    const launcher = await workshop.launcher()
    await launcher.lend({ LENT_BEFORE: 'a-lent-value' })
    process.kill(launcher.pid, 'SIGKILL')
    await eventually(
      'its end',
      () => !existsSync(`/proc/${launcher.pid}`) || readOrEmpty(`/proc/${launcher.pid}/stat`).includes(' Z '),
    )
    const result = await launcher.run(
      command('echo "$T" | wc -c', { secrets: { T: { from: 'env', name: 'LENT_BEFORE' } } }),
    )
    expect(text(result).stdout).toBe('13\n')
  })

  test('a torn result on disk is lost, not a crash', async () => {
    const directory = workshop.folder()
    const launcher = await workshop.launcher(directory)
    const request = command('true')
    await launcher.run(request)
    const [folder] = readdirSync(join(directory, 'spool'))
    writeFileSync(join(directory, 'spool', folder as string, 'result.json'), '{"ended":"exi')
    expect(await launcher.attach(request.attempt)).toMatchObject({ ended: 'lost' })
  })
})

describe('a full disk', () => {
  const disk = join(workshop.folder(), 'disk')
  mkdirSync(disk)
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', disk]).status === 0
  afterAll(() => void spawnSync('umount', ['-l', disk]))
  if (!isMounted) console.warn('notice: no right to mount a small disk here; a full one is not tested')

  test.skipIf(!isMounted)(
    'nothing starts that cannot be claimed, and all is well again when space returns',
    async () => {
      const launcher = await workshop.launcher(disk, { idleMs: 100 })
      expect(await launcher.run(command('true'))).toMatchObject({ exitCode: 0 })
      const filler = join(disk, 'filler')
      expect(() => writeFileSync(filler, Buffer.alloc(1_000_000))).toThrow(/ENOSPC/)
      const starts = join(workshop.folder(), 'starts')
      const refused = command(`echo start >> ${starts}`)
      const result = await launcher.run(refused)
      expect(result.ended).toBe('not-started')
      expect(result.why).toMatch(/no space/i)
      expect(existsSync(starts)).toBe(false)
      rmSync(filler)
      expect(await launcher.run(refused)).toMatchObject({ ended: 'exit', exitCode: 0 })
    },
  )

  test.skipIf(!isMounted)('a result for which there is no space still reaches who waits for it', async () => {
    const launcher = await workshop.launcher(disk, { idleMs: 100 })
    const script = `head -c 3000000 /dev/zero > ${disk}/filler 2>/dev/null || true; head -c 60000 /dev/zero | tr '\\0' x`
    const result = await launcher.run(command(script))
    rmSync(join(disk, 'filler'))
    expect(result).toMatchObject({ ended: 'exit', exitCode: 0 })
    expect(result.stdout.length).toBe(60_000)
  })
})

describe('finding the launcher', () => {
  test('many clients at once share one launcher', async () => {
    const directory = workshop.folder()
    const launchers = await Promise.all(Array.from({ length: 6 }, () => workshop.launcher(directory)))
    expect(new Set(launchers.map((launcher) => launcher.pid)).size).toBe(1)
    const results = await Promise.all(launchers.map((launcher) => launcher.run(command('echo $PPID'))))
    expect(new Set(results.map((result) => text(result).stdout)).size).toBe(1)
  })

  test('a socket file whose launcher is gone is replaced', async () => {
    const directory = workshop.folder()
    const stale = createServer()
    await new Promise<void>((resolve) => stale.listen(join(directory, 'launcher.sock'), resolve))
    // Closing would remove the file; a killed process leaves it.
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(process.argv[1]+'/x.sock',()=>process.kill(process.pid,'SIGKILL'))`,
      directory,
    ])
    await new Promise((resolve) => child.once('exit', resolve))
    stale.close()
    appendFileSync(join(directory, 'launcher.sock'), '')
    const launcher = await workshop.launcher(directory)
    expect(await launcher.run(command('true'))).toMatchObject({ exitCode: 0 })
  })

  test('only the owner may use the socket and look into the folders', async () => {
    const directory = workshop.folder()
    const launcher = await workshop.launcher(directory)
    await launcher.run(command('true'))
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect(mode(join(directory, 'launcher.sock'))).toBe('600')
    for (const folder of ['spool', 'done', 'pipes']) expect(mode(join(directory, folder))).toBe('700')
    const [attempt] = readdirSync(join(directory, 'spool'))
    expect(mode(join(directory, 'spool', attempt as string))).toBe('700')
    expect(mode(join(directory, 'spool', attempt as string, 'script'))).toBe('600')
  })

  test('a folder with a very long name works', async () => {
    const directory = join(workshop.folder(), 'a'.repeat(90), 'b'.repeat(90))
    mkdirSync(directory, { recursive: true })
    const launcher = await workshop.launcher(directory)
    expect(await launcher.run(command('true'))).toMatchObject({ exitCode: 0 })
  })

  test('a launcher that cannot start is a fault that says why', async () => {
    await expect(workshop.launcher(workshop.folder(), { node: '/no/such/node' })).rejects.toThrow(
      /no launcher for commands answers/,
    )
  }, 40_000)

  test('a broken line and an unknown order harm nobody', async () => {
    const directory = workshop.folder()
    const launcher = await workshop.launcher(directory)
    const { connect } = await import('node:net')
    const socket = connect(join(directory, 'launcher.sock'))
    const answers: string[] = []
    socket.setEncoding('utf8').on('data', (chunk) => answers.push(String(chunk)))
    socket.write('not json\n{"id":1,"op":"explode"}\n{"id":2,"op":"ping"}\n')
    await eventually('three answers', () => answers.join('').split('\n').length === 4)
    expect(answers.join('')).toContain('no operation \\"explode\\"')
    expect(answers.join('')).toContain('{"id":2,"ok":null}')
    socket.destroy()
    expect(await launcher.run(command('true'))).toMatchObject({ exitCode: 0 })
  })
})

/** An engine of its own process that asks for a command and waits. */
function engineThatRuns(directory: string, request: ReturnType<typeof command>): string {
  const client = join(import.meta.dirname, '..', 'launcher-client.ts')
  return `
    const { connectLauncher } = await import(${JSON.stringify(client)})
    const launcher = await connectLauncher({ directory: ${JSON.stringify(directory)}, node: process.execPath, idleMs: 3000 })
    await launcher.run(${JSON.stringify(request)})
  `
}

function canUseControlGroups(): boolean {
  const groups = ControlGroups.open(`test-${process.pid}`)
  groups?.close()
  return groups !== null
}

/** Commands as a user of their own: who that is, what it can read, what it gets for itself, and how it ends. Real processes, as root. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { CommandRequest } from '../../core/ports/launcher.ts'
import { CommandUserFault, findUser, type LookUp, tryUser, userFrom, userText, whatIsWrong } from './command-user.ts'
import { type Confinement, unconfined } from './confinement.ts'
import {
  command,
  eventually,
  living,
  nobody,
  readOrEmpty,
  text,
  whyNotNobody,
  Workshop,
} from './test-support/workshop.ts'

const entries: Record<string, string> = {
  'passwd deploy': 'deploy:x:1500:1600::/home/deploy:/bin/sh',
  'passwd 1500': 'deploy:x:1500:1600::/home/deploy:/bin/sh',
  'passwd root': 'root:x:0:0:root:/root:/bin/bash',
  'passwd wheel-like': 'wheel-like:x:7:0::/:/bin/sh',
  'group docker': 'docker:x:1700:',
  'group root': 'root:x:0:',
}
const lookUp: LookUp = (database, key) => entries[`${database} ${key}`] ?? null

describe('the user of commands', () => {
  test('is found by name or number, with its own group or another', () => {
    const deploy = { uid: 1500, gid: 1600, home: '/home/deploy' }
    expect(findUser({ user: 'deploy', group: null }, lookUp)).toEqual(deploy)
    expect(findUser({ user: '1500', group: null }, lookUp)).toEqual(deploy)
    expect(findUser({ user: 'deploy', group: 'docker' }, lookUp)).toEqual({ ...deploy, gid: 1700 })
    expect(findUser({ user: '1501', group: '1501' }, lookUp)).toEqual({ uid: 1501, gid: 1501, home: '/' })
    expect(userFrom(userText(deploy))).toEqual(deploy)
  })

  test.each([
    ['nobody-here', null, 'there is no user nobody-here on this machine'],
    ['1501', null, 'say it too, for example 1501:1501'],
    ['deploy', 'no-group', 'there is no group no-group on this machine'],
    ['root', null, 'root may read everything'],
    ['0', '1600', 'root may read everything'],
    ['wheel-like', null, 'the group of root'],
    ['deploy', 'root', 'the group of root'],
    ['4294967295', '1', 'there is no user 4294967295'],
  ])('is refused when it is %s with group %s: %s', (user, group, why) => {
    expect(() => findUser({ user, group }, lookUp)).toThrow(CommandUserFault)
    expect(() => findUser({ user, group }, lookUp)).toThrow(why)
  })

  test('that kept anything of who started it is not used', () => {
    const status = (more: Record<string, string> = {}) =>
      Object.entries({
        Uid: '7\t7\t7\t7',
        Gid: '8\t8\t8\t8',
        Groups: ' ',
        CapPrm: '0000000000000000',
        CapEff: '0000000000000000',
        CapAmb: '0000000000000000',
        ...more,
      })
        .map(([name, value]) => `${name}:\t${value}`)
        .join('\n')
    expect(whatIsWrong(status(), 7, 8)).toBeNull()
    expect(whatIsWrong(status({ Groups: '8 ' }), 7, 8)).toBeNull()
    expect(whatIsWrong(status({ Uid: '7\t7\t0\t7' }), 7, 8)).toContain('user ids')
    expect(whatIsWrong(status({ Gid: '0\t0\t0\t0' }), 7, 8)).toContain('group ids')
    expect(whatIsWrong(status({ Groups: '0 8 ' }), 7, 8)).toContain('groups 0')
    expect(whatIsWrong(status({ CapPrm: '0000000000000080' }), 7, 8)).toContain('CapPrm')
    expect(whatIsWrong('', 7, 8)).not.toBeNull()
  })
})

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0
const whyNot = whyNotNobody()
if (whyNot !== null) console.warn(`notice: commands as another user are not tested on real processes: ${whyNot}`)

describe.runIf(process.platform === 'linux' && !isRoot)('without the rights of root', () => {
  test('no other user is had', () => {
    expect(() => tryUser(nobody)).toThrow('start it as root')
  })
})

describe.runIf(whyNot === null)('a command as a user of its own', () => {
  const confinement: Confinement = { ...unconfined, noNewPrivileges: true, user: nobody }
  const workshop = new Workshop()
  const open: string[] = []
  afterAll(async () => {
    await workshop.clean()
    for (const folder of open) rmSync(folder, { recursive: true, force: true })
  })
  const directory = workshop.folder()
  const run = async (script: string, more: Partial<CommandRequest> = {}) => {
    const launcher = await workshop.launcher(directory, { confinement })
    const result = await launcher.run(command(script, more))
    launcher.close()
    return { ...result, ...text(result) }
  }
  /** A folder that anybody may write into. */
  const openFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-open-'))
    chmodSync(folder, 0o777)
    open.push(folder)
    return folder
  }

  for (const effect of ['read', 'change'] as const) {
    test(`has its user, one group, no rights and its own home (${effect})`, async () => {
      const { stdout } = await run('echo "$HOME"; cat /proc/self/status', { effect })
      expect(stdout.split('\n')[0]).toBe('/nonexistent')
      expect(whatIsWrong(stdout, 65_534, 65_534)).toBeNull()
      expect(stdout).toContain('NoNewPrivs:\t1')
    })

    test(`gives captures and both outputs, also by their names, and leaves nothing (${effect})`, async () => {
      const script = `echo "$HOLDPOINT_TMP"; echo out > /dev/stdout; echo err > /dev/stderr
echo x > "$HOLDPOINT_TMP/x"; echo version=7 >> "$HOLDPOINT_OUTPUT"`
      const result = await run(script, { effect })
      const [tmp = '', ...rest] = result.stdout.split('\n')
      expect(result).toMatchObject({ exitCode: 0, stderr: 'err\n', output: { version: '7' } })
      expect(rest).toEqual(['out', ''])
      expect(existsSync(tmp)).toBe(false)
    })

    test(`cannot change its script, nor what the launcher reads of it, nor look around (${effect})`, async () => {
      const script = `export place=$(dirname "$HOLDPOINT_TMP")
for attempt in 'echo no > "$0"' 'rm -f "$0"' 'chmod 666 "$0"' 'rm -f "$HOLDPOINT_OUTPUT"' 'ln -sf /etc/passwd "$HOLDPOINT_OUTPUT"' \\
  'mv "$HOLDPOINT_TMP" "$place/else"' 'ls "$place"' 'ls "$(dirname "$place")"' 'cat < /dev/stdout' 'chmod 666 /dev/stdout'; do
  if bash -c "$attempt" "$0" 2> /dev/null; then echo "done: $attempt"; fi
done`
      expect(await run(script, { effect })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    })
  }

  test('reads nothing of the launcher, of its engine, and of other attempts', async () => {
    const launcher = await workshop.launcher(directory, { confinement })
    const other = command('echo theirs', { env: { THEIRS: '1' } })
    await launcher.run(other)
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
    )
    expect(files.length).toBeGreaterThan(5)
    const place = workshop.folder()
    const list = join(openFolder(), 'files')
    writeFileSync(list, [...files, place, `/proc/${launcher.pid}/environ`, `/proc/${process.pid}/environ`].join('\n'))
    chmodSync(list, 0o644)
    const script = `look() { if [ -d "$1" ]; then ls "$1"; else head -c 1 "$1"; fi > /dev/null 2>&1; }
while read -r path; do if look "$path"; then echo "$path"; fi; done < ${list}
kill -0 ${launcher.pid} 2> /dev/null && echo signalled
ls /proc/${launcher.pid}/fd > /dev/null 2>&1 && echo files
true`
    expect(await run(script)).toMatchObject({ exitCode: 0, stdout: '' })
    // The same words as root find all of them: the test can fail.
    const asRoot = await workshop.launcher()
    expect(text(await asRoot.run(command(script))).stdout.split('\n').length).toBe(files.length + 6 - 1)
  })

  test('inherits no open file', async () => {
    const { stdout } = await run('ls /proc/$$/fd', { shell: 'posix' })
    // 10 and above are the shell's own.
    expect(stdout.split('\n').filter((name) => name !== '' && Number(name) < 10)).toEqual(['0', '1', '2'])
  })

  test('makes nobody remove what is not its own: links and locked folders go, what they name stays', async () => {
    const precious = workshop.folder()
    writeFileSync(join(precious, 'keep'), 'kept')
    const script = `cd "$HOLDPOINT_TMP"; echo "$PWD"; ln -s ${precious} link; ln -s ${precious}/keep keep
mkdir -p locked/deep; echo x > locked/deep/x; chmod 000 locked/deep locked`
    const result = await run(script)
    expect(result.exitCode).toBe(0)
    expect(existsSync(result.stdout.trim())).toBe(false)
    expect(readFileSync(join(precious, 'keep'), 'utf8')).toBe('kept')
    expect(lstatSync(precious).isDirectory()).toBe(true)
  })

  test('cannot make root load what its environment names', async () => {
    const place = openFolder()
    const result = await run('id -u', { env: { LD_PRELOAD: join(place, 'evil.so'), BASH_ENV: '/etc/shadow' } })
    // The loader complains as the command, not as root: it runs nothing before the user has changed.
    expect(result.stdout).toBe('65534\n')
  })

  for (const controlGroups of [true, false])
    test(`ends with all that it started (control groups: ${controlGroups})`, async () => {
      const launcher = await workshop.launcher(workshop.folder(), { confinement, controlGroups })
      const sleep = `6${process.pid}.${Number(controlGroups)}`
      const script = `setsid sleep ${sleep} & trap '' TERM; sleep ${sleep}`
      const result = await launcher.run(command(script, { timeoutMs: 400 }))
      expect(result.ended).toBe('timeout')
      expect(living(sleep)).toEqual([])
    })

  for (const effect of ['read', 'change'] as const)
    test(`whose launcher was killed is dead, lost and cleared away (${effect})`, async () => {
      const home = workshop.folder()
      const launcher = await workshop.launcher(home, { confinement })
      const sleep = `7${process.pid}.${effect.length}`
      const started = join(openFolder(), 'started')
      const script = `echo x > "$HOLDPOINT_TMP/x"; echo "$HOLDPOINT_TMP" > ${started}; setsid sleep ${sleep} & sleep ${sleep}`
      const pending = launcher.run(command(script, { effect }))
      await eventually('both sleeps', () => living(sleep).length >= 2)
      const place = readOrEmpty(started).trim()
      expect(existsSync(place)).toBe(true)
      process.kill(launcher.pid, 'SIGKILL')
      expect(await pending).toMatchObject({ ended: 'lost' })
      expect(living(sleep)).toEqual([])
      expect(existsSync(place)).toBe(false)
    })

  test('leaves no folder behind when its launcher has left', async () => {
    const home = workshop.folder()
    const launcher = await workshop.launcher(home, { confinement, idleMs: 50 })
    const request = command('echo "$HOLDPOINT_TMP"')
    const root = dirname(dirname(text(await launcher.run(request)).stdout.trim()))
    expect(readdirSync(root)).toEqual([])
    launcher.close()
    await eventually('the end of its folder', () => !existsSync(root))
  })

  test('gets a folder again after something has cleaned up temporary folders', async () => {
    const root = dirname(dirname((await run('echo "$HOLDPOINT_TMP"')).stdout.trim()))
    rmSync(root, { recursive: true })
    expect(await run('echo here > "$HOLDPOINT_TMP/x"; cat "$HOLDPOINT_TMP/x"')).toMatchObject({ stdout: 'here\n' })
  })

  test('gets none where another user has put something in that place', async () => {
    const root = dirname(dirname((await run('echo "$HOLDPOINT_TMP"')).stdout.trim()))
    rmSync(root, { recursive: true })
    open.push(root)
    spawnSync('mkdir', ['-m', '777', root], nobody)
    expect(await run('echo not reached')).toMatchObject({
      ended: 'not-started',
      why: expect.stringContaining(`${root} is somebody else's`),
    })
  })

  test('is not started in a folder that is closed to it, nor by a program that is', async () => {
    const closed = join(workshop.folder(), 'inside')
    mkdirSync(closed)
    const there = await run('echo not reached', { cwd: closed })
    expect(there).toMatchObject({ ended: 'not-started', why: expect.stringContaining('closed to user 65534') })
    const program = join(closed, 'python3')
    writeFileSync(program, '#!/bin/sh\necho not reached\n', { mode: 0o755 })
    const one = await run('print(1)', { shell: 'python', env: { PATH: closed } })
    expect(one).toMatchObject({ ended: 'not-started', why: expect.stringContaining('user 65534 may run none') })
  })

  test('never runs in a launcher of another user, also when that one has commands under way', async () => {
    const home = workshop.folder()
    const first = await workshop.launcher(home)
    // Later it may have asked the next one.
    const { pid } = first
    const release = join(openFolder(), 'go')
    const early = command(`until [ -e ${release} ]; do sleep 0.05; done; id -u`)
    const pending = first.run(early)
    await eventually('its start', () => readdirSync(join(home, 'spool')).length > 0)
    const second = await workshop.launcher(home, { confinement })
    expect(await second.run(command('id -u'))).toMatchObject({
      ended: 'not-started',
      why: expect.stringContaining('HOLDPOINT_COMMAND_USER was changed'),
    })
    const attached = second.run(early)
    writeFileSync(release, '')
    expect(text(await pending).stdout).toBe('0\n')
    expect(text(await attached).stdout).toBe('0\n')
    // Or it would start one of its own again, to ask it.
    first.close()
    const ended: string[] = []
    await eventually('the end of the launcher before', () => !existsSync(`/proc/${pid}`))
    while (ended.at(-1) !== 'exit' && ended.length < 20) {
      const next = await second.run(command('id -u'))
      ended.push(next.ended)
      expect(['', '65534\n']).toContain(text(next).stdout)
    }
    expect(ended.at(-1)).toBe('exit')
  })
})

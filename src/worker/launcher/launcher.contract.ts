/** What every launcher promises, whatever means it has to find the processes of a command. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { LauncherOptions } from '../launcher-client.ts'
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

export interface LauncherUnderTest {
  readonly name: string
  readonly options: Partial<LauncherOptions>
  /** Whether even a process that threw its environment away and left its session is found. */
  readonly isExact: boolean
}

let sleeps = 0
/** A length of sleep that no other process of this machine uses: its name in the process list. */
function uniqueSleep(): string {
  sleeps += 1
  return `4${process.pid}.${sleeps}`
}

export function launcherContract({ name, options, isExact }: LauncherUnderTest): void {
  const workshop = new Workshop()
  const directory = workshop.folder()
  const opened = workshop.launcher(directory, options)
  const run = async (...given: Parameters<typeof command>) => {
    const result = await (await opened).run(command(...given))
    return { ...result, ...text(result) }
  }
  afterAll(() => workshop.clean())

  describe(`${name}: how a script runs`, () => {
    test('the exit code and both outputs come back', async () => {
      const result = await run('echo out; echo err >&2; exit 3')
      expect(result).toMatchObject({ ended: 'exit', exitCode: 3, signal: null, stdout: 'out\n', stderr: 'err\n' })
      expect(result.truncated).toBe(false)
      expect(result.endedAt).toBeGreaterThanOrEqual(result.startedAt)
    })

    test('a failing command in the middle ends the script, and so does an unset variable', async () => {
      expect(await run('false; echo not reached')).toMatchObject({ exitCode: 1, stdout: '' })
      const unset = await run('echo "$NOT_SET_ANYWHERE"; echo not reached')
      expect(unset).toMatchObject({ exitCode: 1, stdout: '' })
      expect(unset.stderr).toContain('NOT_SET_ANYWHERE: unbound variable')
    })

    test('a pipe fails with any of its parts', async () => {
      expect(await run('false | cat; echo not reached')).toMatchObject({ exitCode: 1, stdout: '' })
    })

    test('a POSIX shell, Python and Node run their scripts too', async () => {
      expect(await run('echo "$0" | grep -c bash || true', { shell: 'posix' })).toMatchObject({ stdout: '0\n' })
      expect(await run('print(6 * 7)', { shell: 'python' })).toMatchObject({ stdout: '42\n' })
      expect(await run('console.log(6 * 7)', { shell: 'node' })).toMatchObject({ stdout: '42\n' })
    })

    test('/dev/stdout and /dev/stderr can be opened, as scripts do', async () => {
      const result = await run('echo out > /dev/stdout; echo err > /dev/stderr')
      expect(result).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' })
    })

    test('stdin is empty: a script that reads does not hang', async () => {
      expect(await run('cat; echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n' })
    })

    test('a script killed by a signal reports the signal', async () => {
      expect(await run('kill -9 $$')).toMatchObject({ ended: 'exit', exitCode: null, signal: 'SIGKILL' })
    })

    test('captures are the name=value lines of $HOLDPOINT_OUTPUT, the last of a name', async () => {
      const script = 'printf "image=a\\nimage=b=c\\nno capture\\nempty=\\n1x=no\\n" >> "$HOLDPOINT_OUTPUT"'
      expect((await run(script)).output).toEqual({ image: 'b=c', empty: '' })
    })

    test('a link in place of the output file is not followed', async () => {
      const secretFile = join(workshop.folder(), 'private')
      writeFileSync(secretFile, 'stolen=yes\n')
      expect((await run(`ln -s ${secretFile} "$HOLDPOINT_OUTPUT"`)).output).toEqual({})
    })

    test('$HOLDPOINT_TMP is an empty folder of its own, and gone afterwards', async () => {
      const result = await run('ls -A "$HOLDPOINT_TMP"; echo x > "$HOLDPOINT_TMP/file"; echo "$HOLDPOINT_TMP"')
      const [place] = result.stdout.split('\n')
      expect(place).toContain(directory)
      expect(existsSync(place as string)).toBe(false)
    })

    test.each([
      [
        'leaves files',
        'echo left=yes > "$HOLDPOINT_OUTPUT"; mkdir -p "$HOLDPOINT_TMP/a"; echo x > "$HOLDPOINT_TMP/a/b"',
      ],
      ['removes its folder', 'rm -rf "$(dirname "$HOLDPOINT_TMP")"'],
      ['puts a link in its place', 'rmdir "$HOLDPOINT_TMP"; ln -s /etc "$HOLDPOINT_TMP"'],
      [
        'replaces its script',
        'rm "$0"; echo "echo a longer script that nobody asked for, not even for a moment" > "$0"',
      ],
    ])('a read that %s leaves nothing of it to the reads after it', async (_what, script) => {
      const launcher = await opened
      const first = command(script, { effect: 'read' })
      expect(await launcher.run(first)).toMatchObject({ ended: 'exit', exitCode: 0 })
      await launcher.forget(first.attempt)
      for (let later = 0; later < 3; later += 1) {
        const attempt = freshAttempt()
        const look = 'ls -A "$HOLDPOINT_TMP"; test ! -e "$HOLDPOINT_OUTPUT" -a ! -L "$HOLDPOINT_TMP"; echo clean'
        const seen = await run(look, { attempt, effect: 'read' })
        expect(seen).toMatchObject({ exitCode: 0, stdout: 'clean\n', output: {} })
        await launcher.forget(attempt)
      }
    })

    test('a read that writes after many that did not is noticed, and leaves nothing to the next', async () => {
      const launcher = await opened
      const read = async (script: string) => {
        const attempt = freshAttempt()
        const result = await run(script, { attempt, effect: 'read' })
        await launcher.forget(attempt)
        return result
      }
      await read('true')
      // Longer than any file system needs to tell two changes apart.
      await pause(2_200)
      for (let quiet = 0; quiet < 3; quiet += 1) expect((await read('true')).output).toEqual({})
      const writes = 'echo left=yes > "$HOLDPOINT_OUTPUT"; echo x > "$HOLDPOINT_TMP/file"'
      expect((await read(writes)).output).toEqual({ left: 'yes' })
      const look = 'ls -A "$HOLDPOINT_TMP"; test ! -e "$HOLDPOINT_OUTPUT"; echo clean'
      for (let later = 0; later < 3; later += 1)
        expect(await read(look)).toMatchObject({ exitCode: 0, stdout: 'clean\n', output: {} })
    })

    test('the environment holds what was asked for and nothing else', async () => {
      process.env['HOLDPOINT_TEST_LEAK'] = 'leaked'
      const result = await run('env -0 | cut -z -d= -f1 | tr "\\0" "\\n" | sort', { env: { HOLDPOINT_RELEASE: 'r1' } })
      const own = ['PWD', 'SHLVL', '_', 'OLDPWD', 'LC_CTYPE']
      const names = result.stdout.split('\n').filter((word) => word !== '' && !own.includes(word))
      const expected = [
        'HOLDPOINT_ATTEMPT',
        'HOLDPOINT_EPOCH',
        'HOLDPOINT_OUTPUT',
        'HOLDPOINT_RELEASE',
        'HOLDPOINT_TMP',
      ]
      expect(names.filter((word) => word !== 'TZ')).toEqual([...expected, 'HOME', 'LANG', 'PATH'].sort())
    })

    test('files of a command have ordinary rights, however closely the engine guards its own', async () => {
      expect((await run('umask')).stdout).toBe('0022\n')
    })

    test('an attempt and its epoch cannot be forged by the environment of a plan', async () => {
      const attempt = freshAttempt()
      const env = { HOLDPOINT_ATTEMPT: 'another', HOLDPOINT_EPOCH: '99' }
      const result = await run('echo "$HOLDPOINT_ATTEMPT $HOLDPOINT_EPOCH"', { attempt, env, epoch: 12 })
      expect(result.stdout).toBe(`${attempt} 12\n`)
    })

    test('values are data: nothing in a variable is ever executed', async () => {
      const trap = join(workshop.folder(), 'executed')
      const evil = `$(touch ${trap}) \`touch ${trap}\` ; touch ${trap} #' " \n touch ${trap}`
      const result = await run('printf %s "$VALUE"; printf "v=%s" "$VALUE" >> "$HOLDPOINT_OUTPUT"', {
        env: { VALUE: evil },
      })
      expect(result.stdout).toBe(evil)
      expect(existsSync(trap)).toBe(false)
    })
  })

  describe(`${name}: what is not started`, () => {
    test('a missing folder, an unknown shell and a missing interpreter are each named', async () => {
      const missing = await run('true', { cwd: '/no/such/folder' })
      expect(missing).toMatchObject({
        ended: 'not-started',
        exitCode: null,
        why: 'there is no working folder /no/such/folder',
      })
      expect((await run('true', { shell: 'fish' })).why).toContain('no shell "fish"')
      expect((await run('true', { env: { PATH: '/nowhere' } })).why).toContain('bash is not installed')
    })

    test('a missing, empty or too short secret is named, never guessed', async () => {
      const secrets = { TOKEN: { from: 'env', name: 'NO_SUCH_SECRET' } } as const
      expect((await run('true', { secrets })).why).toContain('secret TOKEN is not available')
      await (await opened).lend({ SHORT_SECRET: 'abc' })
      const short = await run('true', { secrets: { TOKEN: { from: 'env', name: 'SHORT_SECRET' } } })
      expect(short).toMatchObject({ ended: 'not-started' })
      expect(short.why).toContain('fewer than 4 characters')
      expect(short.why).not.toContain('abc')
    })

    test('a value that no environment can carry is a reason, not a crash', async () => {
      const result = await run('true', { env: { BROKEN: 'a\0b' } })
      expect(result.ended).toBe('not-started')
      expect(await run('echo still here')).toMatchObject({ stdout: 'still here\n' })
    })
  })

  describe(`${name}: secrets`, () => {
    const secret = `s3cr/et+"${process.pid}"<é>&x`
    const secrets = { TOKEN: { from: 'env', name: 'LENT_TOKEN' } } as const

    test('a secret reaches the command, and no coding of it reaches anybody else', async () => {
      const launcher = await opened
      await launcher.lend({ LENT_TOKEN: secret })
      const script = [
        'import os, sys, base64, json, urllib.parse, time, html',
        't = os.environ["TOKEN"]; b = t.encode()',
        'codings = [t, base64.b64encode(b).decode(), base64.urlsafe_b64encode(b).decode(), b.hex(), b.hex().upper(),',
        '  json.dumps(t), json.dumps(t, ensure_ascii=False), urllib.parse.quote(t), urllib.parse.quote(t, safe=""),',
        '  urllib.parse.quote_plus(t), html.escape(t), base64.b64encode(b"u:" + b).decode(), base64.b64encode(b"us:" + b).decode()]',
        'for c in codings:',
        '  for i in range(0, len(c), 3):',
        '    sys.stdout.write(c[i:i+3]); sys.stdout.flush()',
        '  sys.stdout.write("\\n"); sys.stderr.write(c + "\\n")',
        'open(os.environ["HOLDPOINT_OUTPUT"], "w").write("a=" + t + "\\n" + "b=" + codings[1] + "\\n")',
        'open(os.environ["HOLDPOINT_TMP"] + "/copy", "w").write(t)',
        'sys.stdout.flush(); time.sleep(1.3); print("length", len(t))',
      ].join('\n')
      const attempt = freshAttempt()
      const pending = run(script, { attempt, secrets, shell: 'python' })
      await eventually('a live view', () => living('python3').length > 0)
      const result = await pending
      expect(result).toMatchObject({ exitCode: 0, output: { a: '***', b: '***' } })
      expect(result.stdout).toContain(`length ${secret.length}`)
      const bytes = Buffer.from(secret)
      const onDisk = `${contentBelow(directory)}${JSON.stringify({ ...result })}`
      const shown = `${onDisk}${Buffer.from(result.stdout).toString('base64')}`
      const needles = [
        secret,
        bytes.toString('latin1'),
        bytes.toString('base64').slice(0, -4),
        bytes.toString('base64url').slice(0, -4),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        encodeURIComponent(secret),
        Buffer.from(`u:${secret}`).toString('base64').slice(4, -4),
        Buffer.from(`us:${secret}`).toString('base64').slice(4, -4),
      ]
      for (const needle of needles) {
        expect(result.stdout).not.toContain(needle)
        expect(result.stderr).not.toContain(needle)
        expect(shown).not.toContain(needle)
      }
      expect(result.stdout.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(13)
    })

    test('a secret from a file is read when the command starts, without its line end', async () => {
      const path = join(workshop.folder(), 'token')
      writeFileSync(path, 'from-the-file\n')
      const result = await run('[ "$TOKEN" = "from-""the-file" ] && echo "same: $TOKEN"', {
        secrets: { TOKEN: { from: 'file', path } },
      })
      expect(result.stdout).toBe('same: ***\n')
    })

    test('a live view shows no secret either', async () => {
      const launcher = await opened
      await launcher.lend({ LENT_TOKEN: secret })
      const attempt = freshAttempt()
      const pending = run('echo "token $TOKEN ends"; sleep 30', { attempt, secrets })
      let seen = ''
      const looking = setInterval(() => void launcher.peek(attempt).then((now) => (seen = now)), 20)
      await eventually('output in the live view', () => seen.includes('ends'))
      clearInterval(looking)
      expect(seen).toBe('token *** ends\n')
      await launcher.cancel(attempt)
      expect(await pending).toMatchObject({ ended: 'cancelled' })
    })
  })

  describe(`${name}: output`, () => {
    test('one line of 100 MB keeps its ends and says how much is missing', async () => {
      const result = await run('printf begin; head -c 100000000 /dev/zero | tr "\\0" x; printf end', {
        outputCapBytes: 1_000,
      })
      expect(result.truncated).toBe(true)
      expect(result.stdout.length).toBeLessThan(1_100)
      expect(result.stdout).toMatch(/^beginx+\n\[… 99999008 bytes left out …\]\nx+end$/)
    })

    test('a gigabyte of output does not grow the launcher by more than 32 MB', async () => {
      const { pid } = await opened
      const memory = (field: string) =>
        Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readOrEmpty(`/proc/${pid}/status`))?.[1])
      await run('head -c 1000000 /dev/zero')
      const before = memory('VmRSS')
      const result = await run('head -c 1000000000 /dev/zero | tee /dev/stderr')
      expect(result).toMatchObject({ exitCode: 0, truncated: true })
      expect(memory('VmRSS') - before).toBeLessThan(32 * 1024)
    })

    test('bytes come back as they were: binary, broken UTF-8, escapes of terminals', async () => {
      const result = await (await opened).run(command('printf "\\000\\377\\303(\\033[31m"'))
      expect(Buffer.from(result.stdout)).toEqual(Buffer.from([0, 255, 0xc3, 40, 27, 91, 51, 49, 109]))
    })

    test('a million tiny writes all arrive', async () => {
      const script = 'import os\nfor i in range(1000000): os.write(1, b"x")'
      const result = await run(script, { shell: 'python', outputCapBytes: 2_000_000 })
      expect(result).toMatchObject({ exitCode: 0, truncated: false })
      expect(result.stdout.length).toBe(1_000_000)
    })
  })

  describe(`${name}: the end of a whole tree`, () => {
    /** Ignores SIGTERM, leaves its session, forks twice, closes its outputs, starts many. */
    const unwilling = (sleep: string) =>
      [
        `trap '' TERM`,
        `setsid sleep ${sleep} &`,
        `(setsid bash -c 'trap "" TERM; (sleep ${sleep} & sleep ${sleep}) & wait' &) `,
        `( exec >&- 2>&-; setsid sleep ${sleep} & )`,
        `bash -c 'trap "" TERM; sleep ${sleep}' &`,
        `nohup sleep ${sleep} > /dev/null 2>&1 &`,
        isExact ? `env -i setsid bash -c '(sleep ${sleep} > /dev/null 2>&1 &)' &` : '',
        `sleep 0.3; echo all started`,
      ].join('\n')

    for (const effect of ['read', 'change'] as const)
      test(`at its time limit a ${effect} is ended with everything it started, willing or not`, async () => {
        const sleep = uniqueSleep()
        const result = await run(`${unwilling(sleep)}\nwait; sleep ${sleep}`, { timeoutMs: 1_500, effect })
        expect(result).toMatchObject({ ended: 'timeout', stdout: 'all started\n' })
        expect(living(sleep)).toEqual([])
      })

    test('a command that ends at SIGTERM is not made to wait for the grace', async () => {
      const result = await run(`trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done`, { timeoutMs: 300 })
      expect(result).toMatchObject({ ended: 'timeout', exitCode: 0, stdout: 'bye\n' })
    })

    test('cancel resolves when nothing lives, and the result says so', async () => {
      const launcher = await opened
      const sleep = uniqueSleep()
      const attempt = freshAttempt()
      const pending = run(`${unwilling(sleep)}\nwait; sleep ${sleep}`, { attempt })
      await eventually('the tree', () => living(sleep).length >= 6)
      await launcher.cancel(attempt)
      expect(living(sleep)).toEqual([])
      expect(await pending).toMatchObject({ ended: 'cancelled' })
    })

    test('who is cancelled in the moment of being started takes nobody along', async () => {
      const launcher = await opened
      const sleep = uniqueSleep()
      const attempts = [freshAttempt(), freshAttempt(), freshAttempt()] as const
      const [first, second, third] = attempts.map((attempt) =>
        launcher.run(command(`sleep ${sleep}; echo done`, { attempt })),
      )
      await Promise.all([launcher.cancel(attempts[0]), launcher.cancel(attempts[2])])
      expect([await first, await third]).toMatchObject([{ ended: 'cancelled' }, { ended: 'cancelled' }])
      await eventually('the one that was not cancelled', () => living(sleep).length === 1)
      await launcher.cancel(attempts[1])
      expect(await second).toMatchObject({ ended: 'cancelled' })
    })

    test('more output than a pipe holds arrives, however soon the command ends', async () => {
      const script = 'head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2'
      const result = await run(script, { outputCapBytes: 1_000_000 })
      expect([result.stdout.length, result.stderr.length]).toEqual([300_000, 200_000])
    })

    test('children that keep the output open do not keep the result', async () => {
      const sleep = uniqueSleep()
      const result = await run(`sleep ${sleep} & echo done`)
      expect(result).toMatchObject({ ended: 'exit', exitCode: 0, stdout: 'done\n' })
      expect(living(sleep)).toEqual([])
    })

    test('what a change leaves behind in the background is dead when its result comes', async () => {
      const sleep = uniqueSleep()
      const result = await run(`setsid sleep ${sleep} > /dev/null 2>&1 & sleep 0.1; echo done`)
      expect(result).toMatchObject({ ended: 'exit', stdout: 'done\n' })
      expect(living(sleep)).toEqual([])
    })

    test('what a read leaves behind dies soon after', async () => {
      const sleep = uniqueSleep()
      const result = await run(`setsid sleep ${sleep} > /dev/null 2>&1 & sleep 0.1; echo done`, { effect: 'read' })
      expect(result).toMatchObject({ ended: 'exit', stdout: 'done\n' })
      await eventually('the end of what was left', () => living(sleep).length === 0)
    })

    test('the last line of a background writer still arrives', async () => {
      const result = await run('exec > >(sleep 0.1; cat); echo late')
      expect(result).toMatchObject({ exitCode: 0, stdout: 'late\n' })
    })

    test('five hundred children end with their command', async () => {
      const sleep = uniqueSleep()
      const result = await run(`for i in $(seq 500); do sleep ${sleep} & done; echo started; wait`, {
        timeoutMs: 4_000,
      })
      expect(result).toMatchObject({ ended: 'timeout', stdout: 'started\n' })
      expect(living(sleep)).toEqual([])
    })
  })

  describe(`${name}: one attempt, one start`, () => {
    for (const effect of ['read', 'change'] as const)
      test(`a ${effect} asked for many times starts once, and everybody gets its result`, async () => {
        const launcher = await opened
        const other = await workshop.launcher(directory, options)
        const starts = join(workshop.folder(), 'starts')
        const request = command(`echo start >> ${starts}; sleep 0.2; echo result`, { effect })
        const asked = Array.from({ length: 20 }, (_, index) => (index % 2 ? launcher : other).run(request))
        const results = [
          ...(await Promise.all(asked)),
          await launcher.run(request),
          await other.attach(request.attempt),
        ]
        for (const result of results) expect(Buffer.from(result?.stdout ?? []).toString()).toBe('result\n')
        expect(readOrEmpty(starts)).toBe('start\n')
      })

    test('an attempt that nobody asked for is unknown, and cancelling or forgetting it harms nobody', async () => {
      const launcher = await opened
      const attempt = freshAttempt()
      expect(await launcher.attach(attempt)).toBeNull()
      await launcher.cancel(attempt)
      await launcher.forget(attempt)
      expect(await launcher.peek(attempt)).toBe('')
    })

    test.each(['attach', 'cancel'] as const)(
      'an attempt given up by %s before it came is never started by an engine that wakes up later',
      async (giveUp) => {
        const launcher = await opened
        const starts = join(workshop.folder(), 'starts')
        const request = command(`echo start >> ${starts}`)
        await launcher[giveUp](request.attempt)
        expect(await launcher.run(request)).toMatchObject({ ended: 'not-started' })
        expect(readOrEmpty(starts)).toBe('')
      },
    )

    test('a forgotten attempt leaves nothing in the spool, and a change still never starts again', async () => {
      const launcher = await opened
      const starts = join(workshop.folder(), 'starts')
      const request = command(`echo start >> ${starts}`)
      const before = readdirSync(join(directory, 'spool')).length
      await launcher.run(request)
      expect(readdirSync(join(directory, 'spool')).length).toBe(before + 1)
      await launcher.forget(request.attempt)
      expect(readdirSync(join(directory, 'spool')).length).toBe(before)
      expect(await launcher.run(request)).toMatchObject({ ended: 'lost' })
      expect(await launcher.attach(request.attempt)).toMatchObject({ ended: 'lost' })
      expect(readOrEmpty(starts)).toBe('start\n')
    })

    test('attempt ids may be anything: they never name a path', async () => {
      mkdirSync(join(directory, 'outside'), { recursive: true })
      for (const attempt of ['../outside/x', '/etc/passwd', 'ä\n\0', 'a'.repeat(5_000)]) {
        const asked = run('echo ran', { attempt })
        expect((await asked).ended).toBe(attempt.includes('\0') ? 'not-started' : 'exit')
      }
      expect(readdirSync(join(directory, 'outside'))).toEqual([])
    })
  })
}

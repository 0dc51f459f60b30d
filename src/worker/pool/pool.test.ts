/** Commands handed to workers: once, to those who may, and with the truth about what became of them. */
import { describe, expect, test } from 'vitest'
import { asking, beat, begin, exited, placeIn, poolWorld, requestOf, until } from './pool.fixture.ts'

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

describe('a command that waits', () => {
  test('is run by a worker, and its engine gets the result', async () => {
    const { launcher, work } = poolWorld()
    const said: string[] = []
    const running = launcher.run(requestOf('a/1'), (say) => said.push(say))
    const of = await begin(work, asking('one'))
    await until(() => Promise.resolve(said.length > 1 ? true : null))
    expect(await work.finish(of, exited())).toEqual({ kind: 'kept' })
    const result = await running
    expect(result).toMatchObject({ ended: 'exit', exitCode: 0, output: { image: 'sha256:1' } })
    expect(text(result.stdout)).toBe('done\n')
    expect(said).toEqual(['waits for a worker of production', 'runs on the worker runner on one'])
  })

  test('says which labels it waits for, and goes to no worker without them', async () => {
    const { launcher, work } = poolWorld()
    const said: string[] = []
    const running = launcher.run(requestOf('a/1', { place: placeIn('production', ['gpu', 'eu']) }), (say) =>
      said.push(say),
    )
    await until(() => Promise.resolve(said[0] ?? null))
    expect(said).toEqual(['waits for a worker of production (labels gpu, eu)'])
    expect(await work.claim(asking('plain'))).toBeNull()
    expect(await work.claim(asking('half', { labels: ['gpu'] }))).toBeNull()
    const of = await begin(work, asking('whole', { labels: ['gpu', 'eu', 'big'] }))
    await work.finish(of, exited())
    expect((await running).ended).toBe('exit')
  })

  test('is not shown to a worker of another environment, nor to one that may not', async () => {
    const { launcher, work, close } = poolWorld()
    const running = launcher.run(requestOf('a/1')).catch(() => null)
    await until(() => work.placeOf('a/1'))
    expect(await work.claim(asking('staging', { environments: ['staging', 'prod'] }))).toBeNull()
    expect(await work.claim(asking('other', { mayTake: () => Promise.resolve(false) }))).toBeNull()
    expect(await work.claim(asking('right', { environments: ['production'] }))).toMatchObject({ attempt: 'a/1' })
    close()
    await running
  })

  test('comes first when it leads back, and is all that a worker without a free place gets', async () => {
    const { launcher, work, clock, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    await until(() => work.placeOf('a/1'))
    expect(await work.claim(asking('full', { urgentOnly: true }))).toBeNull()
    clock.skip(10)
    void launcher.run(requestOf('undo/1', { place: placeIn('production', [], true) })).catch(() => null)
    await until(() => work.placeOf('undo/1'))
    expect((await until(() => work.claim(asking('full', { urgentOnly: true })))).attempt).toBe('undo/1')
    expect((await work.claim(asking('free')))?.attempt).toBe('a/1')
    close()
  })

  test('was never started when no worker took it in its time', async () => {
    const { launcher, work, clock } = poolWorld()
    const running = launcher.run(requestOf('a/1', { place: placeIn('production', ['gpu']) }))
    await until(() => work.placeOf('a/1'))
    clock.skip(60_001)
    expect(await running).toMatchObject({
      ended: 'not-started',
      why: 'no worker of production (label gpu) took it within 60 s',
    })
    expect(await work.claim(asking('late', { labels: ['gpu'] }))).toBeNull()
  })

  test('that an engine cancels is not handed out any more', async () => {
    const { launcher, work } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    await until(() => work.placeOf('a/1'))
    await launcher.cancel('a/1')
    expect(await running).toMatchObject({ ended: 'not-started' })
    expect(await work.claim(asking('one'))).toBeNull()
  })

  test('goes to the next worker when the one that got it does not begin', async () => {
    const { launcher, work, clock, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    const first = asking('first')
    await until(() => work.claim(first))
    expect(await work.claim(asking('second'))).toBeNull()
    clock.skip(10_001)
    const second = await begin(work, asking('second'))
    expect(second.attempt).toBe('a/1')
    const late = await beat(work, { attempt: 'a/1', claim: first.claim, worker: first.worker })
    expect(late).toMatchObject({ go: false, cancel: true })
    close()
  })

  test('wakes a worker that asks already, on the same replica and on another', async () => {
    const { launcher, work, other, close } = poolWorld()
    const here = work.claim(asking('here', { waitMs: 60_000 }))
    void launcher.run(requestOf('a/1')).catch(() => null)
    expect((await here)?.attempt).toBe('a/1')
    const there = other().work.claim(asking('there', { waitMs: 60_000 }))
    void launcher.run(requestOf('a/2')).catch(() => null)
    expect((await there)?.attempt).toBe('a/2')
    close()
  })

  test('is found though the short list forgot it', async () => {
    const { launcher, work, store, clock, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    await until(async () => (await store.entries('work-queue')).length === 1 || null)
    for (const { key } of await store.entries('work-queue')) await store.putEntry('work-queue', key, null)
    expect(await work.claim(asking('one'))).toBeNull()
    clock.skip(5_001)
    expect((await until(() => work.claim(asking('one')))).attempt).toBe('a/1')
    close()
  })
})

describe('a worker that is lost', () => {
  test('makes the attempt lost, never queued again', async () => {
    const { launcher, work, clock } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const of = await begin(work, asking('one'))
    await clock.pass(29_000)
    expect(await beat(work, of)).toMatchObject({ go: true })
    await clock.pass(29_000)
    expect(await beat(work, of)).toMatchObject({ go: true })
    await clock.pass(34_000)
    expect(await running).toMatchObject({ ended: 'lost', why: 'the worker runner on one was not heard of for 30 s' })
    expect(await work.claim(asking('two'))).toBeNull()
  })

  test('is told to stop when it comes back, and its result is evidence and nothing else', async () => {
    const { launcher, work, clock, store } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const of = await begin(work, asking('one'))
    await clock.pass(34_000)
    expect((await running).ended).toBe('lost')
    expect(await beat(work, of)).toMatchObject({ go: false, cancel: true })
    const late = await work.finish(of, exited({ stdout: Buffer.from('it took effect\n') }))
    expect(late).toMatchObject({ kind: 'late', release: 'r1', evidence: [{ name: 'stdout.txt', size: 15 }] })
    const [kept] = late.kind === 'late' ? late.evidence : []
    expect(text((await store.getEvidence(kept!.sha256))!)).toBe('it took effect\n')
    expect((await launcher.attach('a/1'))?.ended).toBe('lost')
    await launcher.forget('a/1')
    expect((await work.finish(of, exited())).kind).toBe('late')
  })

  test('is not called lost for a time in which no server was there to hear it', async () => {
    const { launcher, work, clock, other, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    const of = await begin(work, asking('one'))
    close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.skip(3_600_000)
    const restarted = other()
    const attached = restarted.launcher.attach('a/1')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await beat(restarted.work, of)).toMatchObject({ go: true, cancel: false })
    await restarted.work.finish(of, exited())
    expect((await attached)?.ended).toBe('exit')
  })

  test('is not called lost because the server itself was stopped for a while', async () => {
    const { launcher, work, clock } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const of = await begin(work, asking('one'))
    clock.skip(120_000)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await beat(work, of)).toMatchObject({ go: true })
    await work.finish(of, exited())
    expect((await running).ended).toBe('exit')
  })
})

describe('a result', () => {
  test('that arrives twice counts once', async () => {
    const { launcher, work } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const of = await begin(work, asking('one'))
    expect(await work.finish(of, exited())).toEqual({ kind: 'kept' })
    expect(await work.finish(of, exited({ exitCode: 1 }))).toEqual({ kind: 'already' })
    expect((await running).exitCode).toBe(0)
    await launcher.forget('a/1')
    expect(await work.finish(of, exited({ exitCode: 1 }))).toEqual({ kind: 'already' })
    expect(await beat(work, of)).toMatchObject({ go: false, cancel: false })
  })

  test('of another worker, or of another claim, is no result', async () => {
    const { launcher, work, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    const of = await begin(work, asking('one'))
    expect((await work.finish({ ...of, claim: 'guessed' }, exited())).kind).toBe('late')
    expect((await work.finish({ ...of, worker: { machine: 'runner', name: 'two' } }, exited())).kind).toBe('late')
    expect((await work.finish({ ...of, worker: { machine: 'thief', name: 'one' } }, exited())).kind).toBe('late')
    expect(await beat(work, of)).toMatchObject({ go: true })
    close()
  })

  test('of a worker that never began puts the command back into the queue', async () => {
    const { launcher, work, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    const first = asking('first')
    await until(() => work.claim(first))
    const never = exited({ ended: 'not-started', exitCode: null, why: 'this worker was started again' })
    const of = { attempt: 'a/1', claim: first.claim, worker: first.worker }
    expect(await work.finish(of, never)).toEqual({ kind: 'back-in-queue' })
    expect((await work.claim(asking('second')))?.attempt).toBe('a/1')
    close()
  })

  test('with much output comes back whole', async () => {
    const { launcher, work } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const stdout = Buffer.from('0123456789'.repeat(50_000))
    await work.finish(await begin(work, asking('one')), exited({ stdout }))
    expect(Buffer.from((await running).stdout).equals(stdout)).toBe(true)
  })

  test('is never observed in the future, or before it was asked for', async () => {
    const { launcher, work, clock } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const now = clock.now()
    await work.finish(await begin(work, asking('one')), exited({ startedAt: 0, endedAt: now + 1e9 }))
    expect(await running).toMatchObject({ startedAt: now, endedAt: now })
  })
})

describe('an engine that takes a release over', () => {
  test('finds the attempts of the one before on another replica', async () => {
    const { launcher, work, other, close } = poolWorld()
    void launcher.run(requestOf('a/1')).catch(() => null)
    const of = await begin(work, asking('one'))
    close()
    const replica = other()
    const attached = replica.launcher.attach('a/1')
    await replica.work.finish(of, exited())
    expect((await attached)?.exitCode).toBe(0)
  })

  test('leaves a trace where there was none: an engine that wakes up late queues nothing behind its back', async () => {
    const { launcher, work, other } = poolWorld()
    expect(await other().launcher.attach('a/1')).toBeNull()
    expect(await launcher.run(requestOf('a/1'))).toMatchObject({ ended: 'not-started' })
    expect(await work.claim(asking('one'))).toBeNull()
  })

  test('never gets a finished change run again, though it is forgotten', async () => {
    const { launcher, work } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    await work.finish(await begin(work, asking('one')), exited())
    await running
    await launcher.forget('a/1')
    expect(await launcher.run(requestOf('a/1'))).toMatchObject({ ended: 'lost' })
    expect(await work.claim(asking('two'))).toBeNull()
  })

  test('leaves nothing of a read behind', async () => {
    const { launcher, work, store } = poolWorld()
    const running = launcher.run(requestOf('a/1', { effect: 'read' }))
    const of = await begin(work, asking('one'))
    await work.output(of, 'so far')
    expect(await launcher.peek('a/1')).toBe('so far')
    await work.finish(of, exited())
    await running
    await launcher.forget('a/1')
    for (const shelf of ['work', 'work-queue', 'work-output']) expect(await store.entries(shelf)).toEqual([])
  })
})

describe('cancelling', () => {
  test('reaches a worker that waits for it, and resolves when the tree is dead', async () => {
    const { launcher, work } = poolWorld()
    const running = launcher.run(requestOf('a/1'))
    const of = await begin(work, asking('one'))
    const waiting = work.heartbeat(of, 60_000, new AbortController().signal)
    let isOver = false
    const cancelled = launcher.cancel('a/1').then(() => (isOver = true))
    expect(await waiting).toMatchObject({ go: true, cancel: true })
    expect(isOver).toBe(false)
    await work.finish(of, exited({ ended: 'cancelled', exitCode: null, signal: 'SIGTERM' }))
    await cancelled
    expect((await running).ended).toBe('cancelled')
  })
})

test('of workers that race for a command exactly one begins it, 200 times', async () => {
  const { launcher, other, close } = poolWorld()
  const replicas = [other(), other(), other()]
  for (let round = 0; round < 200; round += 1) {
    const attempt = `race/${round}`
    const running = launcher.run(requestOf(attempt))
    await until(() => replicas[0]!.work.placeOf(attempt))
    const begun = await Promise.all(
      replicas.map(async ({ work }, index) => {
        const asked = asking(`worker-${index}`)
        const offer = await work.claim(asked)
        if (offer === null) return 0
        expect(offer.attempt).toBe(attempt)
        const of = { attempt, claim: asked.claim, worker: asked.worker }
        const [one, two] = await Promise.all([beat(work, of), beat(work, of)])
        if (one.go && two.go) await work.finish(of, exited())
        return 1
      }),
    )
    // The list may be written a moment after the job: then the one winner comes in the next try.
    const winners = begun.reduce<number>((sum, each) => sum + each, 0)
    expect(winners).toBeLessThanOrEqual(1)
    if (winners === 0) await replicas[0]!.work.finish(await begin(replicas[0]!.work, asking('again')), exited())
    expect((await running).exitCode).toBe(0)
    await launcher.forget(attempt)
  }
  close()
})

test('people see which workers there are, and what each has', async () => {
  const { launcher, work, clock, close } = poolWorld()
  const place = { organisation: 'acme', project: 'shop', environment: 'production' }
  const seen = { environments: ['production'], labels: ['gpu'], jobs: 2, version: '1.0.0', places: [place] }
  await work.saw({ machine: 'runner', name: 'one', ...seen })
  void launcher.run(requestOf('a/1')).catch(() => null)
  await begin(work, asking('one'))
  expect(await work.workers()).toEqual([
    { machine: 'runner', name: 'one', ...seen, lastSeen: clock.now(), running: ['a/1'] },
  ])
  clock.skip(86_400_001)
  expect(await work.workers()).toEqual([])
  close()
})

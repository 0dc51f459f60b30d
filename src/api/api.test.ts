import { afterEach, describe, expect, test } from 'vitest'
import { verifyBundle } from '../report/verify.ts'
import { examplePlan, startBody, startExample, type World, world } from './test-support/world.ts'

let at: World
afterEach(() => at.end())

const problemOf = async (answer: Response): Promise<Record<string, unknown>> => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const body = (await answer.json()) as Record<string, unknown>
  expect(body).toMatchObject({ code: expect.any(String), detail: expect.any(String), status: answer.status })
  return body
}
const answering = (answer: string) => ({ kind: 'Answer', step: 'ready', answer, note: null, fields: {}, evidence: [] })
const ordering = (command: object, seen: number | null = null) => ({ command, seen })

describe('starting a release', () => {
  test('a document that the engine compiles to the plan that was seen starts', async () => {
    at = world()
    const release = await startExample(at)
    const view = (await (await at.request('GET', `/v1/releases/${release}`)).json()) as { facts: object; phase: string }
    expect(view).toMatchObject({
      release,
      phase: 'running',
      facts: {
        service: 'shop',
        releaseVersion: '1.4.0',
        startedBy: { id: 'ana', kind: 'person', assurance: 'claimed' },
      },
    })
    const list = (await (await at.request('GET', '/v1/releases?open=true')).json()) as { id: string }[]
    expect(list.map(({ id }) => id)).toEqual([release])
    const plan = (await (await at.request('GET', `/v1/releases/${release}/plan`)).json()) as { digest: string }
    expect(plan.digest).toBe(examplePlan().digest)
  })

  test('a digest that the engine does not compute itself is refused', async () => {
    at = world()
    const body = startBody()
    const answer = await at.request('POST', '/v1/releases', {
      ...body,
      document: { ...body.document, digest: '0'.repeat(64) },
    })
    expect(await problemOf(answer)).toMatchObject({ code: 'digest-mismatch', status: 409 })
    expect(await at.store.summaries()).toEqual([])
  })

  test('a document that does not compile is refused with every problem', async () => {
    at = world()
    const body = startBody()
    const answer = await at.request('POST', '/v1/releases', {
      ...body,
      document: { ...body.document, base64: Buffer.from('broken').toString('base64') },
    })
    expect(await problemOf(answer)).toMatchObject({
      code: 'does-not-compile',
      status: 422,
      problems: [{ line: 3, code: 'unknown-word' }],
    })
  })

  test('the same key twice is one release', async () => {
    at = world()
    const once = await at.request('POST', '/v1/releases', startBody(undefined, { idempotencyKey: 'k1' }))
    const twice = await at.request('POST', '/v1/releases', startBody(undefined, { idempotencyKey: 'k1' }))
    expect(await twice.json()).toEqual(await once.json())
    expect(await at.store.summaries()).toHaveLength(1)
  })

  test('a second release on the same target is refused in words', async () => {
    at = world()
    await startExample(at)
    expect(
      await problemOf(await at.request('POST', '/v1/releases', startBody(undefined, { version: '1.5.0' }))),
    ).toMatchObject({ code: 'target-busy' })
  })
})

describe('bodies', () => {
  const bad: Readonly<Record<string, unknown>> = {
    'an unknown field': { ...startBody(), startedBy: 'eve' },
    'an unknown field deep inside': {
      ...startBody(),
      workspace: { root: '/', commit: null, dirty: false, owner: 'eve' },
    },
    'a plan of the caller instead of a document': { ...startBody(), plan: examplePlan() },
    'a missing field': { version: '1' },
    'a wrong type': { ...startBody(), supersede: 'yes' },
    'an input named like a member of every object': '{"inputs":{"constructor":"x"}}',
    'a polluting member': '{"__proto__":{"admin":true},"version":"1"}',
    'a polluting member in an escaped spelling': '{"inputs":{"\\u005f_proto__":{"admin":true}}}',
    'no JSON': '{',
    'an array': '[]',
    nothing: '',
    'deep nesting': '['.repeat(100_000),
  }
  for (const [what, body] of Object.entries(bad)) {
    test(`${what} is refused`, async () => {
      at = world()
      const answer = await at.request('POST', '/v1/releases', body)
      expect(await problemOf(answer)).toMatchObject({ code: 'bad-body', status: 400 })
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
      expect(await at.store.summaries()).toEqual([])
    })
  }

  test('a body without the type of JSON is refused: no form of another site can send it', async () => {
    at = world()
    const answer = await at.request('POST', '/v1/releases', startBody(), { 'content-type': 'text/plain' })
    expect(await problemOf(answer)).toMatchObject({ code: 'not-json', status: 415 })
  })

  test('a body above the cap is refused, announced or streamed', async () => {
    at = world()
    const announced = await at.request('POST', '/v1/records', 'x'.repeat((2 << 20) + 1), {
      'content-length': String((2 << 20) + 1),
    })
    expect(await problemOf(announced)).toMatchObject({ code: 'body-too-large', status: 413 })
    const streamed = await at.request('POST', '/v1/records', 'x'.repeat((2 << 20) + 1))
    expect(streamed.status).toBe(413)
  })

  test('an unknown command, an unknown field in one, and a command only the engine may give are refused', async () => {
    at = world()
    const release = await startExample(at)
    const commands = [
      { kind: 'Explode' },
      { ...answering('yes'), by: 'eve' },
      { kind: 'Tick' },
      { kind: 'StartRelease', release },
      { kind: 'FinishAttempt', step: 'ready', attempt: 'a', outcome: 'passed' },
      { kind: 'Supersede', by: 'r2' },
    ]
    for (const command of commands) {
      expect(
        await problemOf(await at.request('POST', `/v1/releases/${release}/commands`, ordering(command))),
      ).toMatchObject({ code: 'bad-body' })
    }
    expect(
      await problemOf(
        await at.request('POST', `/v1/releases/${release}/commands`, { ...ordering(answering('yes')), actor: 'eve' }),
      ),
    ).toMatchObject({ code: 'bad-body' })
  })
})

describe('deciding', () => {
  test('an accepted decision says what happened, and by whom', async () => {
    at = world()
    const release = await startExample(at)
    const before = (await at.engine.state(release))?.version ?? 0
    const note = { kind: 'Note', step: null, note: 'looks fine' }
    const answer = await at.request('POST', `/v1/releases/${release}/commands`, ordering(note), {
      'x-holdpoint-actor': encodeURIComponent('Jürgen'),
    })
    expect(answer.status).toBe(200)
    const body = (await answer.json()) as { version: number }
    expect(body).toMatchObject({ kind: 'accepted', events: [{ kind: 'NoteAdded', by: 'Jürgen' }] })
    expect(body.version).toBeGreaterThan(before)
  })

  test('a decision on a stale view is refused with what changed since', async () => {
    at = world(examplePlan(), {
      ask: () => Promise.resolve({ kind: 'refused', code: 'stale-view', reason: 'Since you looked, this changed.' }),
    })
    const release = await startExample(at)
    const answer = await at.request(
      'POST',
      `/v1/releases/${release}/commands`,
      ordering({ kind: 'Resume', why: 'go on' }, 0),
    )
    const body = await problemOf(answer)
    expect(body).toMatchObject({ code: 'stale-view', status: 409 })
    expect(body['changed']).toEqual(expect.arrayContaining([expect.stringContaining('(ana)')]))
    expect(body['version']).toBeGreaterThanOrEqual(1)
  })

  test('a refusal of a rule keeps its code and its reason', async () => {
    at = world()
    const release = await startExample(at)
    const answer = await at.request(
      'POST',
      `/v1/releases/${release}/commands`,
      ordering({ ...answering('yes'), step: 'nowhere' }),
    )
    expect(await problemOf(answer)).toMatchObject({ code: 'unknown-step', status: 404 })
  })

  test('a release is found by the beginning of its id, unless that fits two or none', async () => {
    at = world()
    const release = await startExample(at)
    expect((await at.request('GET', `/v1/releases/${release.slice(0, -1)}`)).status).toBe(200)
    expect(await problemOf(await at.request('GET', '/v1/releases/zzz'))).toMatchObject({
      code: 'unknown-release',
      status: 404,
    })
    const other = await at.request('POST', '/v1/releases', startBody(undefined, { environment: 'other' }))
    const { release: second } = (await other.json()) as { release: string }
    const common = Array.from(release).findIndex((letter, index) => letter !== second[index])
    expect(common).toBeGreaterThanOrEqual(2)
    const both = await problemOf(await at.request('GET', `/v1/releases/${release.slice(0, common)}`))
    expect(both).toMatchObject({ code: 'ambiguous-release', status: 409 })
    for (const part of ['which of', release, second, 'other']) expect(both.detail).toContain(part)
  })

  test('a name that would forge lines of the record is refused', async () => {
    at = world()
    const release = await startExample(at)
    for (const name of ['ana%0Aeve', '%00', '%', '%20']) {
      const answer = await at.request(
        'POST',
        `/v1/releases/${release}/commands`,
        ordering({ kind: 'Note', step: null, note: 'x' }),
        { 'x-holdpoint-actor': name },
      )
      expect(await problemOf(answer)).toMatchObject({ status: 400 })
    }
  })

  test('an amendment is compiled by the engine, like a start', async () => {
    at = world()
    const release = await startExample(at)
    const { document } = startBody()
    const amend = { kind: 'Amend', document: { ...document, digest: '1'.repeat(64) }, role: 'engineer', reason: 'typo' }
    expect(
      await problemOf(await at.request('POST', `/v1/releases/${release}/commands`, ordering(amend))),
    ).toMatchObject({ code: 'digest-mismatch' })
  })
})

describe('the record as a file', () => {
  test('it is for people or for programs, and any other form is refused', async () => {
    at = world()
    const release = await startExample(at)
    for (const format of ['md', 'report']) {
      const page = await at.request('GET', `/v1/releases/${release}/export?format=${format}`)
      expect(page.headers.get('content-type')).toContain('text/markdown')
      expect(await page.text()).toContain('1.4.0')
    }
    const json = (await (await at.request('GET', `/v1/releases/${release}/export?format=json`)).json()) as object
    expect(JSON.stringify(json)).toContain(release)
    const bundle = await at.request('GET', `/v1/releases/${release}/export?format=bundle`)
    expect(bundle.headers.get('content-type')).toBe('application/x-tar')
    expect(verifyBundle(new Uint8Array(await bundle.arrayBuffer()))).toMatchObject({
      verdict: 'intact, signer unverified',
    })
    expect(await problemOf(await at.request('GET', `/v1/releases/${release}/export?format=exe`))).toMatchObject({
      code: 'bad-query',
    })
    expect(await problemOf(await at.request('GET', '/v1/releases/nowhere/export?format=md'))).toMatchObject({
      code: 'unknown-release',
    })
  })
})

describe('evidence and records', () => {
  test('bytes come back as they were given, by their hash, and never as a page', async () => {
    at = world()
    const bytes = new TextEncoder().encode('<script>alert(1)</script>')
    const kept = (await (
      await at.request('POST', '/v1/evidence', bytes, { 'content-type': 'application/octet-stream' })
    ).json()) as { sha256: string; size: number }
    expect(kept.size).toBe(bytes.length)
    const back = await at.request('GET', `/v1/evidence/${kept.sha256}`)
    expect(new Uint8Array(await back.arrayBuffer())).toEqual(bytes)
    expect(back.headers.get('content-type')).toBe('application/octet-stream')
    expect(back.headers.get('x-content-type-options')).toBe('nosniff')
    expect(back.headers.get('content-disposition')).toContain('attachment')
  })

  test('an unknown or a malformed hash is an answer, not a file', async () => {
    at = world()
    expect(await problemOf(await at.request('GET', `/v1/evidence/${'0'.repeat(64)}`))).toMatchObject({
      code: 'unknown-evidence',
      status: 404,
    })
    expect(await problemOf(await at.request('GET', '/v1/evidence/..%2f..%2fetc%2fpasswd'))).toMatchObject({
      code: 'bad-query',
      status: 400,
    })
  })

  test('a record is kept with who made it, and one from the future or with unknown evidence is not', async () => {
    at = world()
    const record = {
      name: 'restore-test',
      observedAt: Date.parse('2026-01-02T03:04:05Z'),
      note: 'took 12 minutes',
      evidence: [],
    }
    const added = await at.request('POST', '/v1/records', record)
    expect(added.status).toBe(201)
    expect(await (await at.request('GET', '/v1/records?name=restore-test')).json()).toMatchObject([
      { ...record, by: 'ana', release: null },
    ])
    expect(await (await at.request('GET', '/v1/records?name=other')).json()).toEqual([])
    expect(
      await problemOf(await at.request('POST', '/v1/records', { ...record, observedAt: Date.now() + 60_000 })),
    ).toMatchObject({ code: 'bad-body' })
    expect(
      await problemOf(await at.request('POST', '/v1/records', { ...record, evidence: ['0'.repeat(64)] })),
    ).toMatchObject({ code: 'unknown-evidence' })
    expect(await problemOf(await at.request('POST', '/v1/records', { ...record, by: 'eve' }))).toMatchObject({
      code: 'bad-body',
    })
  })
})

describe('the process', () => {
  test('it says what it is, takes secrets without keeping them elsewhere, and ends when asked', async () => {
    at = world()
    expect(await (await at.request('GET', '/healthz')).json()).toEqual({ ok: true, build: '1.2.3+x' })
    expect(await (await at.request('GET', '/readyz')).json()).toMatchObject({ version: '1.2.3', pid: 7, open: 0 })
    expect((await at.request('POST', '/v1/secrets', { secrets: { TOKEN: 's3cret' } })).status).toBe(200)
    expect(at.lent).toEqual({ TOKEN: 's3cret' })
    expect(await problemOf(await at.request('POST', '/v1/secrets', { secrets: { 'NOT A NAME': 'x' } }))).toMatchObject({
      code: 'bad-body',
    })
    await at.request('POST', '/v1/stop', {})
    expect(at.stopped()).toBe(true)
    expect(at.logged.join()).not.toContain('s3cret')
  })

  test('it takes what a terminal lends to one release, at its start and later, and keeps it out of the record', async () => {
    at = world()
    const body = startBody(examplePlan(), { env: { REGION: 'a-place' } })
    const { release } = (await (await at.request('POST', '/v1/releases', body)).json()) as { release: string }
    expect(at.environments).toEqual({ [release]: { REGION: 'a-place' } })
    await at.request('POST', `/v1/releases/${release}/environment`, { env: { ZONE: 'b-place' } })
    expect(at.environments[release]).toEqual({ REGION: 'a-place', ZONE: 'b-place' })
    expect(
      await problemOf(await at.request('POST', '/v1/releases/nothing-like-it/environment', { env: {} })),
    ).toMatchObject({ code: 'unknown-release' })
    const recorded = await (await at.request('GET', `/v1/releases/${release}/events`)).text()
    expect(recorded).toContain('ReleaseStarted')
    expect(recorded + at.logged.join()).not.toContain('-place')
  })

  test('an unknown address and an unknown query are problems like any other', async () => {
    at = world()
    expect(await problemOf(await at.request('GET', '/v1/nothing'))).toMatchObject({
      code: 'no-such-route',
      status: 404,
    })
    expect(await problemOf(await at.request('GET', '/v1/releases?opne=true'))).toMatchObject({
      code: 'bad-query',
      status: 400,
    })
  })

  test('a bug is told without its inside, which goes to the log', async () => {
    at = world(examplePlan(), { state: () => Promise.reject(new Error('secret detail')) })
    const answer = await at.request('GET', '/v1/releases/one')
    const body = await problemOf(answer)
    expect(body).toMatchObject({ code: 'bug', status: 500 })
    expect(JSON.stringify(body)).not.toContain('secret detail')
    expect(at.logged.join()).toContain('secret detail')
  })

  test('the description lists every address that answers', async () => {
    at = world()
    const description = (await (await at.request('GET', '/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, unknown>
    }
    expect(description.openapi).toBe('3.1.0')
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining([
        '/healthz',
        '/v1/releases',
        '/v1/releases/{id}',
        '/v1/releases/{id}/commands',
        '/v1/releases/{id}/stream',
        '/v1/releases/{id}/environment',
        '/v1/evidence',
        '/v1/records',
        '/v1/secrets',
      ]),
    )
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KubernetesApi, startKubernetesApi } from '../../test/support/kubernetes-api.ts'
import { namespace, podNames, podOf, workload } from '../../test/support/kubernetes-objects.ts'
import type { Row } from '../../test/support/kubernetes-patches.ts'
import type { CheckPowers, CheckResult } from '../core/ports/check.ts'
import { kubernetesExec } from './kubernetes-exec.ts'
import { evidenceText, runCheck } from './parts/powers.fixture.ts'

let api: KubernetesApi
let pods: readonly string[]

/** Controllers make pods, and pods get ready, while somebody looks. */
async function start(tls?: { readonly key: string; readonly cert: string }): Promise<KubernetesApi> {
  const made = await startKubernetesApi(tls)
  made.cluster.put(namespace)
  made.cluster.put(workload('Deployment', 'api', 'shop/api:1'))
  made.cluster.put(podOf('worker-0', 'Running', ['app', 'proxy']))
  made.cluster.put(podOf('batch-0', 'Pending', ['batch']))
  podNames(made.cluster, 'app=api')
  return made
}

beforeAll(async () => {
  api = await start()
  pods = podNames(api.cluster, 'app=api')
})
afterAll(() => api.close())

const ask = (config: Record<string, unknown>, powers: Partial<CheckPowers> = {}): Promise<CheckResult> =>
  runCheck(
    kubernetesExec as never,
    { server: api.base, namespace: 'shop', pods: 'deploy/api', ...config },
    { secret: () => api.token, ...powers },
  )

test('a command runs in every pod of a workload, and one that differs fails with its name and what it printed', async () => {
  for (const name of pods) api.containers.file(`${name}/api`, 'VERSION', '2.0.0\n')
  const same = { command: ['cat', 'VERSION'], match: '^2\\.0\\.0$' }
  const good = await ask(same)
  expect(good).toMatchObject({
    outcome: 'passed',
    say: 'exit 0 of cat VERSION in each of 2 pods of deploy/api',
    facts: { pods: 2, exit: 0, stdout: '2.0.0' },
  })
  expect(good.evidence.map(({ name }) => name)).toEqual(pods.map((name) => `${name}.stdout.txt`))
  api.containers.file(`${pods[1]}/api`, 'VERSION', '1.9.0\n')
  const bad = await ask(same)
  expect(bad).toMatchObject({ outcome: 'failed', facts: { stdout: '1.9.0' } })
  expect(bad.say).toBe(`${pods[1]} (one of 2): /^2\\.0\\.0$/ does not appear in the output`)
  expect(evidenceText(bad)).toContain('2.0.0')
  expect(await ask({ ...same, in: 'one' })).toMatchObject({ outcome: 'passed', facts: { pods: 1 } })
})

test('an exit code, what stands in the error output and JSON are judged, of a script with values that are never part of it', async () => {
  const script = 'echo "looking at $WHERE" >&2; echo "config is broken" >&2; exit 3'
  const powers = { variables: { where: '"; exit 0; "' } }
  const one = { in: 'one', command: script, env: { WHERE: '{{ where }}' } }
  const failed = await ask(one, powers)
  expect(failed).toMatchObject({
    outcome: 'failed',
    facts: { exit: 3, stderr: expect.stringContaining('looking at "; exit 0; "') },
  })
  expect(failed.say).toContain('exit 3, expected 0')
  expect(await ask({ ...one, exit: 3 }, powers)).toMatchObject({ outcome: 'passed' })
  expect((await ask({ ...one, exit: 3, forbid: 'broken' }, powers)).say).toContain('/broken/ must not appear')
  const json = { in: 'one', json: true, command: `echo '{"lag": 4}'` }
  expect(await ask(json, { expectation: 'json.lag < 3.0' })).toMatchObject({
    outcome: 'failed',
    facts: { json: { lag: 4 } },
  })
  expect((await ask({ ...json, command: 'echo no' })).say).toContain('its output is not JSON')
  expect(
    kubernetesExec.config.safeParse({ pods: 'all', command: 'echo {{ version }}' }).error?.issues[0]?.message,
  ).toContain('hand values to it')
})

test('which container of several has to be said, and one that does not run is no pass', async () => {
  const look = { pods: 'pod/worker-0', command: ['true'] }
  expect(await ask(look)).toMatchObject({
    outcome: 'errored',
    say: 'pod/worker-0 has the containers app, proxy; say which, such as container: app',
  })
  expect(await ask({ ...look, container: 'proxy' })).toMatchObject({ outcome: 'passed' })
  expect((await ask({ ...look, container: 'db' })).say).toContain('no container db, only app, proxy')
  expect((await ask({ ...look, pods: 'pod=batch-0' })).say).toBe('pod/batch-0 is Pending, and runs nothing')
  // It stopped between the look and the command.
  const gone = structuredClone(api.cluster.peek('Pod', 'worker-0') as Row)
  api.cluster.edit('Pod', 'worker-0', (object) => {
    ;(object['status'] as { containerStatuses: Row[] }).containerStatuses = []
  })
  expect((await ask({ ...look, container: 'app' })).say).toContain('container not found ("app") (500)')
  api.cluster.put(gone)
})

test('a program that is not there, a connection that is cut, and a token without the right never pass', async () => {
  const one = { in: 'one', command: ['true'] }
  expect((await ask({ ...one, command: ['no-such-program'] })).say).toContain('executable file not found')
  api.containers.cutNext()
  expect(await ask(one)).toMatchObject({
    outcome: 'errored',
    say: expect.stringContaining('the connection ended before the command did'),
  })
  expect((await ask(one, { secret: () => 'other' })).say).toContain('the cluster does not accept the token')
  const before = api.asked.length
  expect(await ask(one)).toMatchObject({ outcome: 'passed' })
  expect(api.asked.slice(before).at(-1)).toMatch(/\/exec\?container=api&stdout=true&stderr=true&command=true 101$/)
  api.deny('create', 'pods/exec')
  expect((await ask(one)).say).toContain('which needs get and create of pods/exec')
})

test('a command that does not end is left when the time is over; its own certificate is trusted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-exec-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=cluster -addext subjectAltName=IP:127.0.0.1'
  execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const ca = readFileSync(cert, 'utf8')
  const secure = await start({ key: readFileSync(key, 'utf8'), cert: ca })
  try {
    const secret = (name: string): string => (name === 'CLUSTER_CA' ? ca : secure.token)
    // What is listed comes without TLS: only the command is of interest here.
    const http: CheckPowers['http'] = async (url, { headers }) => {
      const plain = url.replace(secure.base, api.base)
      const answer = await fetch(plain, { headers: { ...headers, authorization: `Bearer ${api.token}` } })
      return new Response(await answer.text(), { status: answer.status })
    }
    const look = { server: secure.base, ca: 'CLUSTER_CA', pods: 'all', in: 'one' }
    expect((await ask({ ...look, command: ['true'] }, { secret, http })).say).toContain('exit 0 of true in api-')
    expect((await ask({ ...look, ca: undefined, command: ['true'] }, { secret, http })).say).toMatch(/self.signed/)
    const ended = new AbortController()
    const asked = ask({ ...look, command: ['sleep', '600'] }, { secret, http, signal: ended.signal })
    await expect.poll(() => secure.containers.running()).toBe(1)
    ended.abort()
    expect((await asked).outcome).not.toBe('passed')
  } finally {
    await secure.close()
    rmSync(folder, { recursive: true })
  }
})

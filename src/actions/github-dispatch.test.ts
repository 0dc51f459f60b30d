import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GithubApi, startGithubApi } from '../../test/support/github-api.ts'
import type { Workflow } from '../../test/support/github-repository.ts'
import { type ActionEnd, runActionProcess } from './parts/process.fixture.ts'

let api: GithubApi
let workflow: Workflow
beforeEach(async () => {
  api = await startGithubApi()
  workflow = { id: 7, file: 'deploy.yml', inputs: ['environment', 'holdpoint'], shows: 'holdpoint' }
  api.repository.workflows.push(workflow)
  api.repository.refs.set('main', 'a'.repeat(40))
})
afterEach(() => api.close())

const dispatch = (
  attempt = 'r-1/go/action-1',
  config: Readonly<Record<string, string>> = {},
  mode: 'run' | 'ask' = 'run',
): Promise<ActionEnd> =>
  runActionProcess(
    'github-dispatch',
    mode,
    { repository: 'acme/shop', base: api.base, workflow: 'deploy.yml', ref: 'main', every: '100ms', ...config },
    {
      cwd: tmpdir(),
      env: { GITHUB_TOKEN: api.token, HOLDPOINT_RELEASE: 'r-1', HOLDPOINT_ATTEMPT: attempt },
    },
  )

test('its run is waited for, given to later steps, and the token is never printed', async () => {
  const ended = await dispatch()
  expect(ended).toMatchObject({
    exitCode: 0,
    captured: { run_id: '1', run_url: 'https://github.example/acme/shop/actions/runs/1' },
  })
  expect(ended.stdout).toMatch(/deploy\.yml succeeded: https:\S+\n$/)
  expect(JSON.stringify(ended)).not.toContain(api.token)
})

test('after a crash the run that was started goes on to be waited for, also where it is listed late', async () => {
  await dispatch()
  const [run] = api.repository.runs
  Object.assign(run ?? {}, { status: 'queued', conclusion: null })
  workflow.hidden = 1
  expect(await dispatch('r-1/go/action-2')).toMatchObject({ exitCode: 0, captured: { run_id: '1' } })
  expect(api.repository.runs).toHaveLength(1)
})

test('another step of the release starts its own run', async () => {
  await dispatch()
  expect(await dispatch('r-1/again/action-1')).toMatchObject({ exitCode: 0, captured: { run_id: '2' } })
})

test('a run that fails says which job, and another attempt starts another', async () => {
  workflow.ends = 'failure'
  const failed = await dispatch()
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toContain('deploy.yml ended as failure (migrate: failure): https://')
  workflow.ends = 'success'
  expect(await dispatch('r-1/go/action-2')).toMatchObject({ exitCode: 0, captured: { run_id: '2' } })
})

test('a workflow that cannot be started by hand, and a token that may only read, are said', async () => {
  api.repository.workflows.push({ id: 8, file: 'push.yml', inputs: ['holdpoint'], shows: 'holdpoint', isManual: false })
  expect((await dispatch(undefined, { workflow: 'push.yml' })).stderr).toContain("does not have 'workflow_dispatch'")
  expect((await dispatch(undefined, {}, 'ask')).stdout).toBe('acme/shop answers, and may be written to\n')
  api.readOnly()
  expect(await dispatch(undefined, {}, 'ask')).toMatchObject({
    exitCode: 1,
    stderr: 'GITHUB_TOKEN may only read acme/shop; give it the right to write there\n',
  })
  expect((await dispatch()).stderr).toContain('GitHub refuses: Resource not accessible by personal access token (403)')
  expect(api.repository.runs).toEqual([])
})

test('a workflow that does not show the id is told what its file lacks', async () => {
  api.repository.workflows.push({ id: 8, file: 'mute.yml', inputs: ['holdpoint'], shows: null })
  const ended = await dispatch(undefined, { workflow: 'mute.yml' })
  expect(ended.exitCode).toBe(1)
  expect(ended.stderr).toContain('its file needs run-name: with ${{ inputs.holdpoint }}')
}, 30_000)

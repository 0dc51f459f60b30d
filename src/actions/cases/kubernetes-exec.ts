/** What the contract asks of `kubernetes-exec`: a pod whose files a command changes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionCases } from '../actions.contract.ts'
import { podNames, shopWorld } from '../parts/cluster.fixture.ts'

export const cases: ActionCases = {
  world: async () => {
    const world = await shopWorld({
      pods: 'deploy/api',
      in: 'one',
      env: { VERSION: '{{ version }}' },
      command: 'echo "to $VERSION" && echo "$VERSION" >> schema',
      done: 'grep -qx "$VERSION" schema 2>/dev/null || exit 1',
    })
    const [pod = ''] = podNames(world.api.cluster, 'app=api')
    const { every: _every, ...config } = world.config
    return {
      ...world,
      config,
      state: () => existsSync(join(world.api.containers.folder(`${pod}/api`), 'schema')),
    }
  },
  broken: [
    { name: 'there are no such pods', config: { pods: 'app=web' }, says: 'there are no pods app=web in shop' },
    { name: 'there is no such container', config: { container: 'db' }, says: 'has no container db, only api' },
    { name: 'it fails', config: { command: 'echo out of disk >&2; exit 3' }, says: 'expected 0: out of disk' },
    { name: 'it does nothing', config: { command: 'true' }, says: 'says that it is not done' },
    { name: 'the question breaks', config: { done: 'exit 4' }, says: 'cannot be told: exit 4' },
    {
      name: 'there is no such program',
      config: { env: {}, done: ['no-such-program'] },
      says: 'executable file not found',
    },
    { name: 'nobody answers', config: { server: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}

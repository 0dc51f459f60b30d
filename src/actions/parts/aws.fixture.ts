/** A stand-in of AWS that the cases of actions act on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AwsServer, startAws } from '../../../test/support/aws/server.ts'
import type { Json } from '../../core/units.ts'
import type { ActionWorld } from '../actions.contract.ts'

export { distributionThere } from '../../../test/support/aws/cloudfront.ts'
export { aliasThere, functionThere } from '../../../test/support/aws/lambda.ts'
export { databaseThere } from '../../../test/support/aws/rds.ts'
export { bucketOf, storedAt } from '../../../test/support/aws/s3.ts'

export interface AwsWorld extends ActionWorld {
  readonly server: AwsServer
}

/** In a folder of its own; `fill` puts there what the case needs, `state` is what an action may have changed. */
export async function awsWorld(
  config: Readonly<Record<string, Json>>,
  fill: (server: AwsServer, cwd: string) => void,
  state: (server: AwsServer) => unknown,
): Promise<AwsWorld> {
  const server = await startAws()
  const cwd = mkdtempSync(join(tmpdir(), 'holdpoint-aws-'))
  fill(server, cwd)
  return {
    server,
    cwd,
    env: {
      AWS_ACCESS_KEY_ID: server.key.accessKey,
      AWS_SECRET_ACCESS_KEY: server.key.secretKey,
      HOLDPOINT_RELEASE: 'r-1',
      HOLDPOINT_ATTEMPT: 'r-1/go/action-1',
    },
    variables: { version: '1.4.0' },
    config: { endpoint: server.endpoint, ...config },
    state: () => state(server),
    end: async () => {
      rmSync(cwd, { recursive: true, force: true })
      await server.close()
    },
  }
}

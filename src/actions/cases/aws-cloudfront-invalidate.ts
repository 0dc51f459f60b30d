/** What the contract asks of `aws-cloudfront-invalidate`: a distribution whose cache nobody has cleared. */
import type { ActionCases } from '../actions.contract.ts'
import { awsWorld, distributionThere } from '../parts/aws.fixture.ts'

export const cases: ActionCases = {
  world: () =>
    awsWorld(
      { distribution: 'E2EXAMPLE', every: '100ms' },
      ({ cdn }) => cdn.distributions.set('E2EXAMPLE', distributionThere()),
      ({ cdn }) => structuredClone(cdn.distributions),
    ),
  broken: [
    { name: 'there is no such distribution', config: { distribution: 'E9' }, says: 'there is no distribution E9' },
    {
      name: 'the keys are those of nobody',
      spoil: (world) => void Object.assign(world.env ?? {}, { AWS_SECRET_ACCESS_KEY: 'x' }),
      says: 'AWS does not accept the keys: SignatureDoesNotMatch',
    },
  ],
}

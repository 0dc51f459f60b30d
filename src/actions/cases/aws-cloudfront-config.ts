/** What the contract asks of `aws-cloudfront-config`: a distribution that serves from two origins. */
import type { ActionCases } from '../actions.contract.ts'
import { awsWorld, distributionThere } from '../parts/aws.fixture.ts'

const origin = (id: string): string => `<Origin><Id>${id}</Id><OriginPath></OriginPath></Origin>`
const config = `<Enabled>true</Enabled><Comment>a &amp; b</Comment><Origins><Quantity>2</Quantity><Items>${origin('stable')}${origin('canary')}</Items></Origins><DefaultCacheBehavior><TargetOriginId>stable</TargetOriginId></DefaultCacheBehavior>`

export const cases: ActionCases = {
  world: () =>
    awsWorld(
      {
        distribution: 'E2EXAMPLE',
        every: '100ms',
        set: {
          'DefaultCacheBehavior.TargetOriginId': 'canary',
          'Origins.Items.Origin[Id=canary].OriginPath': '/{{ version }}',
        },
      },
      ({ cdn }) => cdn.distributions.set('E2EXAMPLE', distributionThere(config)),
      ({ cdn }) => cdn.distributions.get('E2EXAMPLE')?.config,
    ),
  broken: [
    { name: 'there is no such distribution', config: { distribution: 'E9' }, says: 'there is no distribution E9' },
    { name: 'a way leads nowhere', config: { set: { 'A.B': 1 } }, says: 'there is no A.B in the configuration' },
    {
      name: 'a way leads to two',
      config: { set: { 'Origins.Items.Origin.OriginPath': '/x' } },
      says: 'stands 2 times in the configuration of E2EXAMPLE; choose one by [Id=…]',
    },
    { name: 'a way leads to a part', config: { set: { Origins: 'x' } }, says: 'Origins is no single value' },
  ],
}

/** What the contract asks of `aws-lambda-alias`: a function with code that is not published yet. */
import type { ActionCases } from '../actions.contract.ts'
import { aliasThere, awsWorld, functionThere } from '../parts/aws.fixture.ts'

export const cases: ActionCases = {
  world: () =>
    awsWorld(
      { region: 'eu-west-1', function: 'shop-api', alias: 'live' },
      ({ functions }) => {
        const there = functionThere(2)
        there.latest = 'new code'
        there.aliases.set('live', aliasThere('2', { '1': 0.5 }))
        functions.set('shop-api', there)
      },
      ({ functions }) => structuredClone(functions),
    ),
  broken: [
    { name: 'there is no such function', config: { function: 'gone' }, says: 'there is no alias live of gone' },
    { name: 'there is no such alias', config: { alias: 'gone' }, says: 'there is no alias gone of shop-api' },
    { name: 'nobody answers', config: { endpoint: 'http://127.0.0.1:1' }, says: '127.0.0.1' },
  ],
}

/** What the contract asks of `aws-rds-snapshot`: a database, and a snapshot that takes a while. */
import type { ActionCases } from '../actions.contract.ts'
import { awsWorld, databaseThere } from '../parts/aws.fixture.ts'

export const cases: ActionCases = {
  world: () =>
    awsWorld(
      { region: 'eu-west-1', instance: 'shop', snapshot: 'shop-before-{{ version }}', every: '100ms' },
      ({ databases }) => {
        databases.all.set('instance:shop', databaseThere())
        const old = { database: 'instance:shop', type: 'manual', looks: 0, at: Date.now() - 100 * 86_400_000 }
        databases.snapshots.set('shop-before-1-3-0', old)
      },
      ({ databases }) => structuredClone(databases.snapshots),
    ),
  broken: [
    { name: 'there is no such database', config: { instance: 'gone' }, says: 'there is no database gone' },
    {
      name: 'one of that name is old',
      config: { snapshot: 'shop-before-1.3.0' },
      says: 'already; choose another name',
    },
    { name: 'the name begins with a number', config: { snapshot: '{{ version }}' }, says: 'it begins with a letter' },
  ],
}

/** A command becomes a block of a kind only where that sees at least as much; everything else stays as the team wrote it. */
import { describe, expect, test } from 'vitest'
import { ownBlock } from './own-block.ts'

describe('a command is a block of a kind', () => {
  test.for([
    ['git tag -a vX.Y.Z -m "Release vX.Y.Z"', 'kind: git-tag\ntag: v{{ version }}\nmessage: Release v{{ version }}'],
    ['git tag -s vX.Y.Z && git push --tags', 'kind: git-tag\ntag: v{{ version }}\nsign: true\npush: origin'],
    ['git tag v2.0.x; git push upstream v2.0.x', 'kind: git-tag\ntag: v{{ version }}\npush: upstream'],
    ['git push <remote> vX.Y.Z', 'kind: git-push\nremote: "{{ input.remote }}"\ntag: v{{ version }}'],
    ['git push origin main', 'kind: git-push\nremote: origin\nbranch: main'],
    ['git status --short', 'kind: git\nclean: true'],
    ['redis-cli -h cache.internal -p 6380 PING', 'kind: redis\nhost: cache.internal\nport: 6380'],
    ['redis-cli -h <redis-host> --tls ping', 'host: "{{ input.redis_host }}"\ntls: true'],
    ['dig +short shop.acme.dev CNAME', 'check expect="count > 0"\nkind: dns\nname: shop.acme.dev\ntype: CNAME'],
    ['kubectl rollout status deploy/api -n shop --timeout=5m', 'namespace: shop\nrollout: deployment/api\nwithin: 5m'],
    ['kubectl rollout restart sts queue -n shop', 'namespace: shop\nworkload: statefulset/queue\nrestart: true'],
    ['kubectl rollout undo deployment/api --to-revision=7', 'namespace: "{{ input.namespace }}"'],
    ['kubectl -n shop scale deployment api --replicas 0', 'workload: deployment/api\nreplicas: 0'],
    ['kubectl apply -n shop -f k8s/probe.yaml', 'namespace: shop\npath: k8s/probe.yaml\ntake-over: true'],
    [
      '# look\nkubectl logs -f -n shop deploy/api --since=5m | grep -i "error"',
      'pods: deployment/api\nlast: 5m\nforbid: "(?i)error"',
    ],
    ['kubectl logs -l app=api -n shop | grep "panic\\|fatal"', 'pods: app=api\nforbid: "panic|fatal"'],
    ['kubectl logs api-0 -c web -n shop | grep ERROR', 'pods: pod/api-0\ncontainer: web\nforbid: ERROR'],
    ['git tag -s vA.B.C -m "Shop A.B.C"', 'tag: v{{ version }}\nmessage: Shop {{ version }}'],
    ['curl -sSL https://acme.dev/a?b=1', '# @redirect follow\n# @expect status < 400\nGET https://acme.dev/a?b=1'],
    ['curl -s https://acme.dev/a\ncurl -s https://acme.dev/b', 'GET https://acme.dev/a\n\n###\n# @expect'],
    [
      'curl https://metrics.acme.dev/api/v1/query?query=up_since',
      'kind: prometheus\nurl: https://metrics.acme.dev\nmetrics: [up_since]',
    ],
    ['nc -z -w 5 db.internal 5432', 'kind: tcp\nhost: db.internal\nport: 5432'],
  ] as const)('%s', ([script, part]) => {
    expect(ownBlock(script, 'The tree is clean')?.block).toContain(part)
  })
})

test('what is pushed is seen by others, so it asks for the typed word; a tag that stays here does not', () => {
  expect(ownBlock('git push origin v1.2.3', '')?.block).toMatch(/^```yaml run danger\n/)
  expect(ownBlock('git tag v1.2.3', '')?.block).toMatch(/^```yaml run\n/)
})

test.for([
  'git push',
  'git push --force origin main',
  'git push --tags',
  'git push -u origin main',
  'git push origin HEAD',
  'git push origin main v1.2.3',
  'git push origin v$VERSION',
  'git push origin :refs/tags/v1.0.0',
  'git tag -d v1.0.0',
  'git tag -f v1.0.0',
  'git tag v1.0.0 && git push origin v1.0.1',
  'git tag -a v1.0.0 -m "$(date)"',
  'git tag v1.0.0 && npm publish',
  'git status | grep modified',
  'git pull origin main',
  'git checkout -b release/vX.Y.Z',
  'git push origin 2.5.x',
  'git push origin v<VERSION>.<PATCH>',
  'git tag v1.2.{{G}}',
  'curl http://localhost:8080/health',
  'curl http://10.0.0.7/health',
  'curl http://prometheus:9090/-/ready',
  'curl https://acme.dev/health | jq .',
  'curl -X POST https://acme.dev/jobs',
  'curl -H "authorization: $TOKEN" https://acme.dev/jobs',
  'curl -o out.json https://acme.dev/jobs',
  'curl https://acme.dev/jobs?token=geheim',
  'kubectl get pods -n shop',
  'kubectl --context prod rollout status deploy/api',
  'kubectl apply -f k8s/',
  'kubectl apply -k overlays/prod',
  'kubectl apply -f https://acme.dev/a.yaml',
  'kubectl apply -f ../a.yaml',
  'kubectl apply --dry-run=client -f a.yaml',
  'kubectl logs deploy/api --tail=20 | grep error',
  'kubectl logs deploy/api | grep -v error',
  'kubectl logs deploy/api | grep started',
  'kubectl rollout status deploy/api && curl https://acme.dev',
  'kubectl scale deploy/api --replicas=$N',
  'kubectl delete pod api-0',
  'redis-cli -h cache.internal -a geheim ping',
  'redis-cli -h cache.internal flushall',
  'redis-cli ping',
  'dig @1.1.1.1 shop.acme.dev',
])('stays as it is: %s', (script) => expect(ownBlock(script, 'The tree is clean')).toBeNull())

test('pods of which nobody says that they are healthy are only looked at', () => {
  expect(ownBlock('kubectl get pods -n shop -l app=api', 'All of them are ready')?.block).toContain('pods: app=api')
  expect(ownBlock('kubectl get pods -n shop', 'Look around')).toBeNull()
})

test('a tree of which nobody says that it is clean is only looked at', () => {
  expect(ownBlock('git status', 'Look around')).toBeNull()
})

/** A command that mostly reads, told to do more by an option, a second word, a function or a name, is no check. */
import { describe, expect, test } from 'vitest'
import { riskOf } from './shell-meaning.ts'

describe('is more than reading', () => {
  test.for([
    'npm audit fix',
    'npm test -- --update-snapshots',
    'vitest run -u',
    'go test ./... -update',
    'go build -o /usr/local/bin/shop',
    'go vet -vettool=./tool',
    'pre-commit autoupdate',
    'snyk monitor',
    'docker manifest push shop',
    'git diff --output=/etc/motd',
    'git log --exec=x',
    'git branch --list old -D',
    'git fetch origin main:main',
    'git remote set-head origin main',
    'find . -fprint /etc/motd',
    'ls &> listing',
    'ls 2> listing',
    'gradle test installDist',
    'node -v -e "x()"',
    'curl -K settings https://shop.example',
    'prettier -w .',
    'semgrep --autofix',
    'redis-cli xadd info * a b',
    'yarn dlx check',
    'pnpm dlx some-tool test',
    'npx some-tool test',
    'make build install',
    'make -C build/charts helm-docs',
    'task check apply',
    'npm run test:clean-db',
    `psql -c "select setval('s', 1)"`,
    'psql -c "select * from orders for update"',
    'psql -c "select our_cleanup(1)"',
    `mysql -e "select 1 into outfile '/tmp/x'"`,
  ])('%s', (script) => expect(riskOf(script)).not.toBe('reads'))
})

describe('only reads', () => {
  test.for([
    'npm audit',
    'npm run build',
    'npm run test:unit && npm run lint',
    'npx playwright test',
    'make test',
    'make -C web -j4 lint test',
    'make smoke-test',
    'docker manifest inspect shop',
    'git branch --list old',
    'git fetch origin',
    'git remote -v',
    'ls 2>/dev/null',
    'ls missing 2>&1',
    'find . -name "*.orig"',
    './gradlew check',
    'redis-cli -h cache info',
    'psql -c "select count(*), max(created_at) from orders where state in (1, 2)"',
  ])('%s', (script) => expect(riskOf(script)).toBe('reads'))
})

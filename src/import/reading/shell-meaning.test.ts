/** What others see, or what cannot be taken back, is never a check, wherever in a line it hides. */
import { describe, expect, test } from 'vitest'
import { shellProposal } from './proposals.ts'

const proposed = (script: string, words = 'All of it passes') =>
  shellProposal(script, { language: 'sh', words }).proposal
const infoOf = (script: string): string => proposed(script)?.block.split('\n')[0] ?? 'nothing'
const rows = (text: string): readonly string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll('⏎', '\n'))

const dangerous = rows(String.raw`
  git push
  git push --tags
  git push --force origin main
  git push origin :old
  git remote set-url origin https://git.example/a
  npm publish --access public
  pnpm -r publish
  npm -w shop publish
  npm unpublish shop
  npm dist-tag add shop@1 latest
  cargo publish
  cargo yank --vers 1.0.0
  twine upload dist/*
  python3 -m twine upload dist/*
  python3 setup.py sdist upload
  poetry publish
  uv publish
  gem push shop.gem
  mvn test deploy
  ./gradlew check publish
  tox -e release
  npx semantic-release
  goreleaser release
  docker push shop/api:1
  docker buildx build --push -t shop/api .
  docker compose down -v
  docker system prune -f
  docker volume rm data
  kubectl apply -f k8s/
  kubectl apply --dry-run=none -f k8s/
  kubectl delete pod shop-1
  kubectl -n prod set image deploy/shop api=shop:2
  kubectl rollout undo deploy/shop
  kubectl scale deploy/shop --replicas=0
  kubectl auth reconcile -f roles.yaml
  kubectl get pods -o name | xargs kubectl delete
  kustomize build . | kubectl apply -f -
  terraform apply
  terraform destroy
  terraform state rm module.shop
  helm upgrade --install shop ./chart
  helm rollback shop 3
  helm uninstall shop
  argocd app sync shop
  aws s3 rm s3://shop/x --recursive
  aws s3 sync dist/ s3://shop/
  aws ecs update-service --cluster a --service b
  aws ssm put-parameter --name get-this
  gcloud run deploy shop
  gsutil rm gs://shop/x
  gh release create v1
  gh release delete v1
  gh workflow run deploy.yml
  gh api -X DELETE /repos/a/b
  rm -rf build
  rm "$FILE"
  find /srv -name '*.bak' -delete
  find /srv -type f -exec rm {} +
  find . -name x -exec ./fix {} \;
  git ls-files | xargs rm
  ls | parallel rm
  git reset --hard
  git clean -fdx
  git checkout -- .
  git stash clear
  dd if=/dev/zero of=/dev/sda
  psql -c 'DROP TABLE orders'
  psql -c "select 1; drop table orders"
  psql -c "select 1; grant all on orders to ben"
  psql -c "select pg_terminate_backend(12)"
  psql -f change.sql
  pg_restore -d shop backup.dump
  pg_dump shop | psql other
  mysql -e "TRUNCATE orders"
  mysql shop < dump.sql
  redis-cli FLUSHALL
  redis-cli set get 1
  npx prisma migrate deploy
  npx prisma migrate reset
  alembic downgrade -1
  rails db:migrate
  curl -X POST https://shop.example/cache
  curl -sXDELETE https://shop.example/cache
  curl --request=PUT https://shop.example/cache
  curl "https://shop.example/a?b=1&c=2" -X DELETE
  curl -d@body.json https://shop.example/
  curl -F file=@a https://shop.example/
  curl -T a https://shop.example/
  curl --json '{}' https://shop.example/
  curl -s https://shop.example/install.sh | sh
  wget --post-data=a https://shop.example/
  systemctl restart nginx
  ansible-playbook site.yml
  scp a host:/srv
  rsync -a dist/ host:/srv/
  echo 1 | sudo tee /proc/sys/x
  echo a > /etc/shop.conf
  journalctl --vacuum-time=1d
  make deploy
  npm run release
  ./scripts/restore.sh latest
  ./unknown
  source ./unknown
  node -e "require('fs').rmSync('a')"
`)

describe('what reaches others, or takes away, is only proposed as an action that is confirmed', () => {
  test.for(dangerous)('%s', (command) => expect(infoOf(command)).toMatch(/^```sh run danger$/))
})

const wrappers = rows(`
  sudo @
  sudo -u deploy @
  sudo -E @
  RELEASE=1 @
  A=b C="d e" @
  env A=b @
  time @
  nice -n 10 @
  timeout 60 @
  command @
  cd shop && @
  cd shop; @
  export A=b && @
  set -e⏎@
  npm test && @
  npm test; @
  test -f a || @
  git status & @
  npm test | @
  git diff --exit-code || @
  bash -c "@"
  sh -c '@'
  sudo bash -lc "@"
  eval "@"
  ssh host '@'
  ssh host @
  docker exec shop @
  kubectl exec shop -- @
  git tag | xargs @
  git tag | xargs -n1 -I {} @ {}
  find . -exec @ {} +
  echo $(@)
  echo "$(@)"
  echo \`@\`
  test "$(@)" = ok
  A=$(@)
  diff <(@) old.txt
  (@)
  { @; }
  ! @
  if true; then @; fi
  if @; then true; fi
  for a in b c; do @; done
  while true; do @; break; done
  f() { @; }; f
  @ # only tried with --dry-run
  @ && echo done
  @ --dry-run && @
  git log --oneline⏎@
  @⏎kubectl apply --dry-run=client -f k8s/
  $ @⏎done
`)

describe.for(['git push', 'npm publish', 'kubectl delete pod a', './unknown'])('%s stays so', (command) => {
  test.for(wrappers)('behind %s', (wrapper) => {
    const info = infoOf(wrapper.replaceAll('@', command))
    expect(info).toMatch(/^```sh run danger$/)
  })

  test('over several lines', () => {
    expect(infoOf(command.replaceAll(' ', ' \\\n  '))).toMatch(/^```sh run danger$/)
  })
})

describe('a program in another language may do anything', () => {
  test.for(['date = remove(x)', 'print(1)', 'test.run()'])('%s', (source) => {
    expect(shellProposal(source, { language: 'python', words: '' }).proposal?.block).toMatch(/^```python run danger\n/)
  })
})

describe('what only reads is a check, also where its words look bad', () => {
  test.for([
    'npm test',
    'grep -q "DELETE FROM" audit.log',
    'test -z "$(git status --porcelain)"',
    'psql -tAc "select count(*) from orders where total > 1"',
    'psql -c "select 1; select 2;"',
    'kubectl rollout status deploy/shop',
    'kubectl apply --dry-run=client -f k8s/',
    'cargo publish --dry-run',
    'git ls-files | xargs grep -L license',
    'source .venv/bin/activate && pytest',
    'curl -fsS -o /dev/null -w "%{http_code}" https://shop.example/health',
    'curl -s "https://shop.example/a?b=1&c=2" | grep ok',
    'for a in 1 2 3; do curl -f https://shop.example/health; done',
    'timeout 30 curl -f https://shop.example/health',
    '[ -f dist/shop.js ] && npm run lint',
    'docker inspect shop | grep -q healthy',
    'terraform plan',
    'pg_restore --list backup.dump | grep -q orders',
  ])('%s', (command) => expect(proposed(command)).toMatchObject({ risk: 'reads' }))
})

describe('what changes only this folder is a plain action', () => {
  test.for(['npm ci', 'git commit -m x', 'git tag v1', 'mkdir -p out', 'docker build -t a .', 'sed -i s/a/b/ f'])(
    '%s',
    (command) => expect(infoOf(command)).toBe('```sh run'),
  )
})

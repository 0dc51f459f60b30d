/** What follows for ever is bounded, and what asks or never ends is left to a person, who is told why. */
import { describe, expect, test } from 'vitest'
import { shellProposal } from './proposals.ts'
import { bounded, isInteractive } from './shell-endless.ts'

describe('what follows for ever is given an end', () => {
  test.for([
    ['tail -f app.log', 'tail -n 500 app.log'],
    ['tail -F app.log', 'tail -n 500 app.log'],
    ['tail -n 5 -f app.log', 'tail -n 5 app.log'],
    ['tail -100f app.log', 'tail -n 100 app.log'],
    ['tail --follow=name app.log', 'tail -n 500 app.log'],
    ['cd shop && sudo tail -f app.log | grep ERROR', 'cd shop && sudo tail -n 500 app.log | grep ERROR'],
    ['kubectl logs -f deploy/shop', 'kubectl logs deploy/shop'],
    ['kubectl logs deploy/shop --follow --tail=9', 'kubectl logs deploy/shop --tail=9'],
    ['kubectl logs -fn prod shop', 'kubectl logs -n prod shop'],
    ['docker compose logs -f api', 'docker compose logs api'],
    ['heroku logs --tail', 'heroku logs'],
    ['aws logs tail shop --follow', 'aws logs tail shop'],
    ['journalctl -fu nginx', 'journalctl --no-pager -u nginx'],
    ['journalctl -u nginx -f', 'journalctl --no-pager -u nginx'],
    ['kubectl get pods -w', 'kubectl get pods'],
    ['kubectl get pods --watch | grep shop', 'kubectl get pods | grep shop'],
    ['watch -n 2 "kubectl get pods"', 'kubectl get pods'],
    ['watch -n1 kubectl get pods', 'kubectl get pods'],
    ['ping shop.example', 'ping -c 4 shop.example'],
    ['kubectl exec -it shop -- ls', 'kubectl exec shop -- ls'],
  ] as const)('%s', ([script, ended]) => expect(bounded(script)).toEqual({ script: ended, isBounded: true }))

  test.for([
    'tail -n 50 app.log',
    'tail app.log',
    'kubectl apply -f k8s/',
    'kubectl logs shop --since=5m | grep -f words.txt',
    'docker build -f Dockerfile .',
    'journalctl -u nginx --since today',
    'ping -c 3 shop.example',
    'npm run watch-tower',
    'kubectl create -f logs.yaml',
    'docker build -f Dockerfile logs',
    'rm -f logs',
  ])('%s ends by itself and stays as it is', (script) => expect(bounded(script)).toEqual({ script, isBounded: false }))

  test('and people are told', () => {
    const { remark } = shellProposal('kubectl logs -f shop | grep -i error', { language: 'sh', words: 'No errors' })
    expect(remark).toContain('bounded here')
  })
})

const waiting = `
  read -p "Go on?" answer
  select a in b c; do break; done
  vim CHANGELOG.md
  sudo nano /etc/hosts
  $EDITOR notes.md
  less app.log
  man git
  top
  ssh host
  ssh -i key -p 22 user@host
  sudo -i
  su - deploy
  bash
  python3
  npm login
  docker login -u ana
  gh auth login
  aws configure
  psql
  psql -h db -U shop shop
  mysql -u root -p
  redis-cli -h cache
  redis-cli monitor
  sqlite3 shop.db
  telnet mail.example 25
  docker run -it shop bash
  kubectl exec -it shop -- bash
  kubectl exec shop -- /bin/sh
  docker exec -it db psql
  kubectl edit deploy/shop
  kubectl port-forward svc/shop 8080:80
  git commit
  git commit -a
  git rebase -i main
  git add -p
  git tag -a v1
  crontab -e
  rails console
  python manage.py shell
  terraform console
  npm start
  npm run dev
  docker compose up
  python3 -m http.server
  stern shop
  vitest --watch
  tcpdump -i any
  sleep infinity
  while true; do curl -f https://shop.example; sleep 1; done
  cd shop && npm run dev
  npm test; vim notes.md
  sudo -u deploy env A=b psql
`
  .trim()
  .split('\n')
  .map((line) => line.trim())

describe('what asks, or never ends, is not proposed', () => {
  test.for(waiting)('%s', (script) => {
    const { proposal, remark } = shellProposal(script, { language: 'sh', words: 'It works' })
    expect(proposal).toBeNull()
    expect(remark).toMatch(/asks questions or never ends/)
  })

  test.for([
    'while read -r line; do test -f "$line"; done < files.txt',
    'psql -c "select 1"',
    'psql -tAc "select 1"',
    'psql < change.sql',
    'cat change.sql | psql shop',
    'ssh host uptime',
    'git commit -m "read this"',
    'git tag -a v1 -m "first"',
    'docker compose up -d',
    'docker login --password-stdin -u ana',
    'kubectl exec shop -- bash -c ls',
    'bash scripts/check.sh',
    'redis-cli -h cache ping',
    'while true; do curl -f https://shop.example && break; sleep 1; done',
    'rails db:migrate',
    'vitest --watch=false',
    'grep -q "select a" queries.log',
  ])('%s does neither', (script) => expect(isInteractive(script)).toBe(false))
})

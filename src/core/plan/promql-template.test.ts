import { expect, test } from 'vitest'
import { renderPromql } from './promql-template.ts'

const variables = { version: '1.2.3', evil: '"} or vector(1) #', window: '5m', note: "it's\nhere" }

test('a value inside a string literal cannot leave it', () => {
  expect(renderPromql('up{version="{{evil}}"}', variables)).toEqual({
    ok: true,
    text: 'up{version="\\"} or vector(1) #"}',
  })
  expect(renderPromql("up{note='{{ note }}'}", variables)).toEqual({ ok: true, text: "up{note='it\\'s\\nhere'}" })
})

test('after =~ and !~ a value matches only itself', () => {
  expect(renderPromql('up{version=~"v{{version}}|x"}', variables)).toEqual({
    ok: true,
    text: 'up{version=~"v1\\\\.2\\\\.3|x"}',
  })
  expect(renderPromql('up{version!~ "{{version}}"}', variables)).toEqual({
    ok: true,
    text: 'up{version!~ "1\\\\.2\\\\.3"}',
  })
  expect(renderPromql('up{version=~`{{version}}`}', variables)).toEqual({ ok: true, text: 'up{version=~`1\\.2\\.3`}' })
})

test('outside of a string only a duration is put in', () => {
  expect(renderPromql('rate(up[{{window}}])', variables)).toEqual({ ok: true, text: 'rate(up[300000ms])' })
  expect(renderPromql('rate(up[5m] offset {{window}})', variables)).toEqual({
    ok: true,
    text: 'rate(up[5m] offset 300000ms)',
  })
  expect(renderPromql('rate(up[{{version}}])', variables)).toMatchObject({ ok: false })
  expect(renderPromql('up > {{version}}', variables)).toMatchObject({ ok: false })
})

test('the matchers of an arm stand where the braces of a selector are', () => {
  expect(renderPromql('up{code=~"5..",{{arm}}}', variables, { version: '1"2', zone: 'a' })).toEqual({
    ok: true,
    text: 'up{code=~"5..",version="1\\"2",zone="a"}',
  })
})

test('a name without a value is no query', () => {
  expect(renderPromql('up{v="{{nobody}}"}', variables)).toEqual({ ok: false, why: '{{ nobody }} has no value' })
})

import { afterEach, expect, test } from 'vitest'
import { type Notification, notificationBody } from '../../../src/report/notification.ts'
import { speak } from '../../../src/words/language.ts'

afterEach(() => speak('en'))

const of = { cluster: 'lab', by: 'lin@desk' }
const summary = {
  volumes: [{ name: 'data', group: 'g', outcome: 'failed' as const }],
  restarted: [],
  stillStopped: [{ workload: 'Deployment team/web', group: 'g' }],
  next: 'juicify resume',
}
const TOLD: [string, Notification, string, string][] = [
  [
    'begun',
    { type: 'begun', verb: 'rollback', groups: ['a', 'b'], ...of },
    'juicify on lab, by lin@desk: rollback of 2 groups has begun: a, b',
    'juicify（lab，执行者 lin@desk）：开始回滚，共 2 个组：a、b',
  ],
  [
    'failed',
    { type: 'failed', group: 'a', message: 'no room', remedy: 'make room', ...of },
    'juicify on lab, by lin@desk: group a has FAILED: no room\ntry: make room',
    'juicify（lab，执行者 lin@desk）：组 a 【失败】：no room\n建议：make room',
  ],
  [
    'ended',
    { type: 'ended', summary, ...of },
    'juicify on lab, by lin@desk: ended. 1 volume: 1 failed\nstill stopped: Deployment team/web\nnext: juicify resume',
    'juicify（lab，执行者 lin@desk）：已结束。1 个卷：1 个失败\n仍处于停止状态：Deployment team/web\n下一步：juicify resume',
  ],
]

test.each(TOLD)('a chat is told in the language of its people that a run has %s', (_, told, english, chinese) => {
  const content = () => JSON.parse(notificationBody(told, 'dingtalk')).text.content
  expect(content()).toBe(english)
  speak('zh')
  expect(content()).toBe(chinese)
})

test.each(TOLD)('a program is told in English that a run has %s', (_, told, english) => {
  speak('zh')
  expect(JSON.parse(notificationBody(told, 'json')).text).toBe(english)
})

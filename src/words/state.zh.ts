const STATES: Record<string, string> = {
  migrated: '已迁移',
  migrating: '迁移中',
  'rolled-back': '已回滚',
  'rolling-back': '回滚中',
  blocked: '被阻塞',
  failed: '失败',
  interrupted: '已中断',
  skipped: '已跳过',
  untouched: '未改动',
  swapped: '已替换',
  away: '未绑定',
  unknown: '未知',
  done: '完成',
  'done-already': '此前已完成',
  'broken off': '已中断',
  original: '未替换',
  moved: '已替换',
  unbound: '未绑定',
  restored: '已恢复',
  'copied-ahead': '已预先复制',
}
/** What becomes of volumes, groups and steps, in Chinese, by its name in records and events. */
export function state(name: string): string {
  return STATES[name] ?? name.replace('-', ' ')
}

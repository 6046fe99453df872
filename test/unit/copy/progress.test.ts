import { describe, expect, test } from 'vitest'
import { progressIn } from '../../../src/copy/progress.ts'

describe('how far a Job is', () => {
  test('is what juicefs sync measures, with the time that it has taken', () => {
    const metrics = { copied: 30, copied_bytes: 4096, handled: 40, scanned: 100 }
    const line = Object.entries(metrics).map(([name, value]) => `juicefs_sync_${name} ${value}`)
    expect(progressIn(`seconds 8 ${line.join(' ')} `)).toEqual({
      bytes: 4096,
      files: 30,
      percent: 40,
      rate: 512,
      left: 12,
    })
    expect(progressIn('seconds 8 ')).toBeUndefined()
  })

  test('of a verification is what it has read on both sides; before that, what it has found', () => {
    expect(progressIn('listed=300 read=0 bytes=0 of=8192 seconds=5')).toEqual({ files: 300 })
    expect(progressIn('listed=300 read=120 bytes=4096 of=8192 seconds=8')).toEqual({
      files: 120,
      bytes: 4096,
      of: 8192,
      percent: 50,
      rate: 512,
      left: 8,
    })
  })
})

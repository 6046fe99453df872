/** The names, joined as Chinese joins them, and no more than `limit` of them. */
export function listed(names: readonly string[], limit = 10): string {
  const shown = names.slice(0, limit).join('、')
  return names.length > limit ? `${shown} 等 ${names.length} 个` : shown
}

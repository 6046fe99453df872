/** A plugin of Vite's: a shell program that is imported is its text, as it is in the bundle. */
export const shellAsText = {
  name: 'shell-as-text',
  transform(code, id) {
    return id.endsWith('.sh') ? { code: `export default ${JSON.stringify(code)}`, map: null } : undefined
  },
}

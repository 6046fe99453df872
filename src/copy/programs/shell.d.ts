/** A shell program, as text: the bundle and the tests take it in as it stands. */
declare module '*.sh' {
  const text: string
  export default text
}

/** Whom to tell of a fault of juicify itself. The project has no address of its own, and none is made up for it. */
export const WHERE_TO_REPORT = 'whoever maintains this copy of juicify (its CONTRIBUTING.md says what helps)'

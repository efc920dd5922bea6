package relay

// MaxWaiting is for tests.
const MaxWaiting = maxWaiting

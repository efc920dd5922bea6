package rtsp

// A Method is the first word of a request, case-sensitive (RFC 2326 §10).
type Method string

// The methods of RFC 2326 §10, table 2.
const (
	MethodOptions      Method = "OPTIONS"
	MethodDescribe     Method = "DESCRIBE"
	MethodAnnounce     Method = "ANNOUNCE"
	MethodSetup        Method = "SETUP"
	MethodPlay         Method = "PLAY"
	MethodPause        Method = "PAUSE"
	MethodRecord       Method = "RECORD"
	MethodTeardown     Method = "TEARDOWN"
	MethodGetParameter Method = "GET_PARAMETER"
	MethodSetParameter Method = "SET_PARAMETER"
	MethodRedirect     Method = "REDIRECT"
)

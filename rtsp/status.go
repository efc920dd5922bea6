package rtsp

// A StatusCode is the three-digit code of a response (RFC 2326 §7.1.1).
type StatusCode int

// The status codes of RFC 2326 §11 and §7.1.1, 463 of RFC 4567 §4.3 and 464 to 466 of RFC 7826 §17.4.
const (
	StatusContinue                      StatusCode = 100
	StatusOK                            StatusCode = 200
	StatusCreated                       StatusCode = 201
	StatusNoContent                     StatusCode = 204
	StatusLowOnStorageSpace             StatusCode = 250
	StatusMultipleChoices               StatusCode = 300
	StatusMovedPermanently              StatusCode = 301
	StatusFound                         StatusCode = 302
	StatusSeeOther                      StatusCode = 303
	StatusNotModified                   StatusCode = 304
	StatusUseProxy                      StatusCode = 305
	StatusBadRequest                    StatusCode = 400
	StatusUnauthorized                  StatusCode = 401
	StatusPaymentRequired               StatusCode = 402
	StatusForbidden                     StatusCode = 403
	StatusNotFound                      StatusCode = 404
	StatusMethodNotAllowed              StatusCode = 405
	StatusNotAcceptable                 StatusCode = 406
	StatusProxyAuthRequired             StatusCode = 407
	StatusRequestTimeout                StatusCode = 408
	StatusGone                          StatusCode = 410
	StatusLengthRequired                StatusCode = 411
	StatusPreconditionFailed            StatusCode = 412
	StatusRequestEntityTooLarge         StatusCode = 413
	StatusRequestURITooLong             StatusCode = 414
	StatusUnsupportedMediaType          StatusCode = 415
	StatusRangeNotSatisfiable           StatusCode = 416 // bad Blocksize, RFC 2326 §12.7
	StatusParameterNotUnderstood        StatusCode = 451
	StatusConferenceNotFound            StatusCode = 452
	StatusNotEnoughBandwidth            StatusCode = 453
	StatusSessionNotFound               StatusCode = 454
	StatusMethodNotValidInThisState     StatusCode = 455
	StatusHeaderFieldNotValid           StatusCode = 456
	StatusInvalidRange                  StatusCode = 457
	StatusParameterIsReadOnly           StatusCode = 458
	StatusAggregateOperationNotAllowed  StatusCode = 459
	StatusOnlyAggregateOperationAllowed StatusCode = 460
	StatusUnsupportedTransport          StatusCode = 461
	StatusDestinationUnreachable        StatusCode = 462
	StatusKeyManagementFailure          StatusCode = 463 // in 1.0; "Destination Prohibited" in 2.0
	StatusDataChannelNotReady           StatusCode = 464
	StatusNotificationReasonUnknown     StatusCode = 465
	StatusKeyManagementError            StatusCode = 466
	StatusInternalServerError           StatusCode = 500
	StatusNotImplemented                StatusCode = 501
	StatusBadGateway                    StatusCode = 502
	StatusServiceUnavailable            StatusCode = 503
	StatusGatewayTimeout                StatusCode = 504
	StatusVersionNotSupported           StatusCode = 505
	StatusOptionNotSupported            StatusCode = 551
)

// Text returns the reason phrase of RFC 2326 §7.1.1 for the code. A code without one of its own gets that of its class,
// since a receiver treats it as the x00 of its class; a number outside 100 to 599 gets "".
func (c StatusCode) Text() string {
	if t, ok := statusTexts[c]; ok {
		return t
	}
	return classTexts[c.Class()]
}

// Class returns the first digit of the code, 1 to 5: what an unknown code still means (RFC 2326 §7.1.1). It is 0 for a
// number that is no status code.
func (c StatusCode) Class() int {
	if c < 100 || c > 599 {
		return 0
	}
	return int(c) / 100
}

// Success reports whether the code is of the class 2xx.
func (c StatusCode) Success() bool { return c.Class() == 2 }

// bodyless tells the responses that end with their header block, whatever it says of a length (RFC 2326 §4.4).
func (c StatusCode) bodyless() bool {
	return c.Class() == 1 || c == StatusNoContent || c == StatusNotModified
}

// classTexts is a table: the phrase of the x00 of each class.
var classTexts = [6]string{"", "Continue", "OK", "Multiple Choices", "Bad Request", "Internal Server Error"}

// statusTexts is a table: the phrase of each code.
var statusTexts = map[StatusCode]string{
	StatusContinue:                      "Continue",
	StatusOK:                            "OK",
	StatusCreated:                       "Created",
	StatusNoContent:                     "No Content",
	StatusLowOnStorageSpace:             "Low on Storage Space",
	StatusMultipleChoices:               "Multiple Choices",
	StatusMovedPermanently:              "Moved Permanently",
	StatusFound:                         "Moved Temporarily",
	StatusSeeOther:                      "See Other",
	StatusNotModified:                   "Not Modified",
	StatusUseProxy:                      "Use Proxy",
	StatusBadRequest:                    "Bad Request",
	StatusUnauthorized:                  "Unauthorized",
	StatusPaymentRequired:               "Payment Required",
	StatusForbidden:                     "Forbidden",
	StatusNotFound:                      "Not Found",
	StatusMethodNotAllowed:              "Method Not Allowed",
	StatusNotAcceptable:                 "Not Acceptable",
	StatusProxyAuthRequired:             "Proxy Authentication Required",
	StatusRequestTimeout:                "Request Time-out",
	StatusGone:                          "Gone",
	StatusLengthRequired:                "Length Required",
	StatusPreconditionFailed:            "Precondition Failed",
	StatusRequestEntityTooLarge:         "Request Entity Too Large",
	StatusRequestURITooLong:             "Request-URI Too Large",
	StatusUnsupportedMediaType:          "Unsupported Media Type",
	StatusRangeNotSatisfiable:           "Requested Range Not Satisfiable",
	StatusParameterNotUnderstood:        "Parameter Not Understood",
	StatusConferenceNotFound:            "Conference Not Found",
	StatusNotEnoughBandwidth:            "Not Enough Bandwidth",
	StatusSessionNotFound:               "Session Not Found",
	StatusMethodNotValidInThisState:     "Method Not Valid in This State",
	StatusHeaderFieldNotValid:           "Header Field Not Valid for Resource",
	StatusInvalidRange:                  "Invalid Range",
	StatusParameterIsReadOnly:           "Parameter Is Read-Only",
	StatusAggregateOperationNotAllowed:  "Aggregate Operation Not Allowed",
	StatusOnlyAggregateOperationAllowed: "Only Aggregate Operation Allowed",
	StatusUnsupportedTransport:          "Unsupported Transport",
	StatusDestinationUnreachable:        "Destination Unreachable",
	StatusKeyManagementFailure:          "Key Management Failure",
	StatusDataChannelNotReady:           "Data Transport Not Ready Yet",
	StatusNotificationReasonUnknown:     "Notification Reason Unknown",
	StatusKeyManagementError:            "Key Management Error",
	StatusInternalServerError:           "Internal Server Error",
	StatusNotImplemented:                "Not Implemented",
	StatusBadGateway:                    "Bad Gateway",
	StatusServiceUnavailable:            "Service Unavailable",
	StatusGatewayTimeout:                "Gateway Time-out",
	StatusVersionNotSupported:           "RTSP Version Not Supported",
	StatusOptionNotSupported:            "Option Not Supported",
}

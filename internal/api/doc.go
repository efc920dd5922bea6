// Package api is what scripts and pages ask the server: what can be played, who plays it, and how the server does, as JSON
// over HTTP, described by an OpenAPI 3.1 document (github.com/danielgtaylor/huma). Errors are those of RFC 9457.
//
// There are two handlers. [Public] is for who may read, and changes nothing. [Admin] shows sessions too, and ends or redirects
// them; it is for the operator and listens on loopback unless told otherwise. No answer holds a password, a query of a URL
// or a session id.
package api

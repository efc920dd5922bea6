// Package auth says who may do what, for every protocol that Baton speaks: users with passwords (Digest of RFC 7616,
// Basic of RFC 7617 inside TLS alone), tokens (JWT, RFC 7519), an HTTP service that is asked, and what those may do
// who do not say who they are.
//
// [New] makes an [Authorizer] of a configuration; [Gate] puts it in front of the RTSP server, and writes down what
// was decided. Passwords are kept as hashes, nonces carry their own proof, and whoever fails too often has to wait.
// The package opens no socket but for the service and the keys that it is told to ask.
package auth

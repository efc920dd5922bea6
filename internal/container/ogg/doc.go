// Package ogg reads Ogg files (RFC 3533) with Opus (RFC 7845). Streams of other codecs are left out. Streams that follow
// one another in a chain, as recordings of radio have them, become one track. Package open calls it; checksums are not
// looked at, since that would mean to read the whole file.
package ogg

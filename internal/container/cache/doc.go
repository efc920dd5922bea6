// Package cache keeps the indexes of media files whose container has none, so that a file is walked through once and not
// at every start of the server. Package paths calls it, in a folder of the state directory.
//
// There is one entry for each media file. What tells files apart is [ID]; a file that has changed since does not match
// its entry. An entry has a checksum, and is replaced as a whole or not at all: one that is damaged, cut off, of another
// version or of somebody else's making is as good as none, and none is ever trusted further than to where samples lie in
// a file that has to be read with care anyway. The cache never removes a file that does not have the name of an entry.
package cache

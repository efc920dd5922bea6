// Package matroska reads Matroska and WebM files (RFC 9559) as far as a server needs to play them: which tracks there
// are, and where each frame lies. It has its own small reader of EBML (RFC 8794), which walks over a file by the headers
// of its elements and steps over what they hold.
//
// [Open] reads what lies before the first cluster and a few blocks behind it. The frames of the whole file are found by
// the File's Scan, which reads the header of each block and never a frame. Package open calls it; nothing is decoded.
//
// Files come from outside: no content makes the package panic, read outside the size it was given or allocate without
// bound. What is damaged ends the index there.
package matroska

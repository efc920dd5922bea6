// Package mjpeg reads stored motion JPEG: files that are JPEG images one after the other (ITU-T T.81), and the variant
// known from teaching in which five ASCII digits before each image give its length in bytes.
//
// Which of the two a file is shows in its first bytes. There is no index in such a file: [Open] walks through a small one
// in blocks of bounded size; of a large one it reads the first image, and the File's Scan the others. Nothing is decoded.
// Package open calls it; the demo film is in package film.
//
// Files come from outside: no content makes the package panic, read outside the size it was given, or allocate more
// than twice the file's length and 128 KiB of scratch.
package mjpeg

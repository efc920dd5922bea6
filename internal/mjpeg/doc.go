// Package mjpeg reads stored motion JPEG: files that are JPEG images one after the other (ITU-T T.81), and the variant
// known from teaching in which five ASCII digits before each image give its length in bytes.
//
// Which of the two a file is shows in its first bytes; its name does not matter. [Open] walks through the file once in
// blocks of bounded size and keeps 8 bytes an image, so that any image can then be read with one read. It decodes
// nothing. The server's playback calls it; the demo film is in package film.
//
// Files come from outside: no content makes the package panic, read outside the size it was given, or allocate more
// than twice the file's length and 128 KiB of scratch.
package mjpeg

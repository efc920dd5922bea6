// Package mpa reads files of MPEG audio, which are mostly MP3 (ISO/IEC 11172-3 and 13818-3, layers 1 to 3). Tags are
// stepped over, and so is the frame of Xing, LAME or VBRI that says how long the file is instead of having sound. Package
// open calls it.
package mpa

// Package avi reads AVI files with motion JPEG and uncompressed audio. It finds the chunks by the index of OpenDML, which
// covers files of any size, else by the older idx1, else, where a recording was cut off before it had an index, from chunk
// to chunk. Package open calls it.
package avi
